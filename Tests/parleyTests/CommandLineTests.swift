import Testing
import Wire

struct CommandLineTests {
    @Test func aloneItPrintsItsHelpAndAnswersWrongUsage() throws {
        let ended = try Program().run([], usesData: false)
        #expect(ended.code == 64)
        #expect(ended.output.contains("Usage: parley COMMAND"))
    }

    @Test func everyCommandHasHelpWithAnExample() throws {
        let program = try Program()
        let commands = try program.run(["--help"], usesData: false).lines
            .drop { !$0.hasSuffix(":") || $0.hasPrefix("parley:") }
            .prefix { !$0.hasPrefix("Options of every command") }
            .filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
            .compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(commands.count > 15)
        for command in commands {
            let help = try program.run([command, "--help"], usesData: false)
            #expect(help.code == 0)
            #expect(help.output.contains("Examples:\n"), "\(command)")
            #expect(help.errors.isEmpty)
        }
    }

    @Test func wrongUsageIsExplainedOnStandardErrorAlone() throws {
        let program = try Program()
        for arguments in [["apend"], ["append"], ["append", "x", "y"], ["append", "--bach", "5", "x"], ["--limit"]] {
            let ended = try program.run(arguments, usesData: false)
            #expect(ended.code == 64, "\(arguments)")
            #expect(ended.output.isEmpty)
            #expect(ended.errorLines.count == 1)
            #expect(ended.errors.hasPrefix("parley: "))
        }
        #expect(try program.run(["apend"], usesData: false).errors.contains("did you mean \"append\""))
    }

    @Test func aFullDeviceIsAFailureAndALostReaderIsNone() throws {
        let program = try Program()
        #expect(try program.run(["sample", "--commands", "20"], usesData: false, shell: "> /dev/full").code == 74)
        let piped = try program.run(
            ["sample", "--commands", "20000"], usesData: false, shell: "| head -n 1 > /dev/null")
        #expect(piped.code == 0)
        let status = try program.run(
            ["sample", "--commands", "20000"], usesData: false,
            shell: "> \(program.path("fifo")).out; exit $?")
        #expect(status.code == 0)
    }

    @Test(arguments: [
        ["project.postgres", "--shared-store", "postgres://nobody@127.0.0.1:1/none"],
        ["redrive.postgres", "--shared-store", "postgres://nobody@127.0.0.1:1/none"],
        ["produce.kafka", "--log", "kafka:127.0.0.1:1"],
    ])
    func aServerThatCannotBeReachedIsNoDefect(_ arguments: [String]) throws {
        let ended = try Program().run(["bench"] + arguments)
        #expect(ended.code == 69 && ended.errors.contains("127.0.0.1:1"), "\(ended.code): \(ended.errors)")
    }

    @Test func completionsAreScriptsThatTheShellReads() throws {
        let program = try Program()
        let bash = try program.run(["completions", "bash"], usesData: false)
        #expect(bash.code == 0)
        let script = try program.file(
            "completion",
            bash.output + "\nCOMP_WORDS=(parley app); COMP_CWORD=1; _parley\n"
                + "printf '%s\\n' \"${COMPREPLY[@]}\"\nCOMP_WORDS=(parley --data x append --str); COMP_CWORD=4; _parley\n"
                + "printf '%s\\n' \"${COMPREPLY[@]}\"\n")
        let answer = try program.shell("bash \(script)")
        #expect(answer == "append\n--strict\n")
    }

    @Test func configurationComesFromTheFileThenVariablesThenFlags() throws {
        let program = try Program()
        let file = try program.file("config", "data = \(program.path("from-file"))\n")
        let line = Lines.send(1)
        #expect(try program.run(["append", "-", "--config", file], input: line, usesData: false).code == 0)
        #expect(try program.run(["log", "--data", program.path("from-file")], usesData: false).lines.count == 1)
        #expect(try program.run(["append", "-", "--config", file], input: line).code == 0)
        #expect(try program.run(["log"]).lines.count == 1)
        let wrong = try program.file("wrong", "dta = x\n")
        #expect(try program.run(["log", "--config", wrong]).code == 78)
        #expect(try program.run(["log", "--config", program.path("none")]).code == 78)
        #expect(try program.run(["log", "--log", "mysql:x"]).code == 78)
    }
}
