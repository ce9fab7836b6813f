import Arguments
import Glibc

/// Reads the command line, runs the command, and answers with the exit code.
@main
struct Parley {
    static func main() {
        let stop = StopSignal.listen()
        let output = FileOutput(descriptor: STDOUT_FILENO, name: "standard output", mayLoseReader: true)
        let code = finish(output: output) {
            try answer(try arguments(), output: output, stop: stop)
        }
        exit(code.rawValue)
    }

    /// Runs `body`, then flushes, so that a full device is a failure of the command and not silence.
    private static func finish(output: FileOutput, _ body: () throws -> ExitCode) -> ExitCode {
        do {
            let code: ExitCode
            do {
                code = try body()
            } catch {
                if error is FileOutput.ReaderGone { throw error }
                let failure = Failure(any: error)
                Console.complain(failure.message)
                code = failure.exitCode
            }
            try output.flush()
            return code
        } catch is FileOutput.ReaderGone {
            return .done
        } catch {
            let failure = Failure(any: error)
            Console.complain(failure.message)
            return failure.exitCode
        }
    }

    private static func answer(_ arguments: [String], output: FileOutput, stop: StopSignal) throws -> ExitCode {
        var parser = ArgumentParser(
            Catalogue.program, environment: Environment.variables(), readFile: readConfiguration)
        switch try parser.parse(arguments) {
        case .help(let text):
            try output.write(text)
            return .done
        case .nothingAsked(let text):
            try output.write(text)
            return .wrongUsage
        case .version(let text):
            try output.writeLine(text)
            return .done
        case .run(let command, let parsed):
            let console = Console(
                output: output, stop: stop, json: parsed[GlobalOptions.json], progress: parsed[GlobalOptions.progress])
            let subcommand = Catalogue.commands.first { $0.declaration.name == command.name }!
            return try subcommand.run(parsed, console)
        }
    }

    /// The arguments after the program's name.
    private static func arguments() throws -> [String] {
        var result: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let raw = CommandLine.unsafeArgv[index] else { break }
            guard let text = String(validatingCString: raw) else {
                throw Failure(.wrongUsage, "argument \(index): is not UTF-8 text: write it in UTF-8, or give a file")
            }
            result.append(text)
        }
        return result
    }

    private static func readConfiguration(_ path: String) throws(ArgumentsError) -> [UInt8] {
        do {
            return try InputFile.readAll(path, limit: 1 << 20)
        } catch {
            throw ArgumentsError(.configuration, "configuration: \(Failure(any: error).message)")
        }
    }
}
