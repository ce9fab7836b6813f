import Glibc
import TestSupport
import Testing
import Wire

struct AppendTests {
    private let program: Program

    init() throws { program = try Program() }

    private func summary(_ ended: Program.Ended) throws -> JSONValue { try JSONValue(ended.lines.last ?? "") }

    private func loggedIDs() throws -> [String] {
        try program.run(["log"]).lines.map { try JSONValue($0)["record"]?["id"]?.text ?? "" }
    }

    @Test func everyLineIsAnsweredWithItsPlaceOnceItIsInTheLog() throws {
        let text = (1...5).map { Lines.send($0, conversation: $0) }.joined(separator: "\n")
        let ended = try program.run(["append", "-", "--answers", program.path("answers")], input: text)
        #expect(ended.code == 0)
        #expect(ended.errors.isEmpty)
        #expect(ended.lines.count == 1)
        let summary = try summary(ended)
        #expect(summary["read"]?.number == 5)
        #expect(summary["appended"]?.number == 5)
        #expect(summary["refused"]?.number == 0)
        #expect(summary["token"]?.text?.isEmpty == false)
        var places: [String: String] = [:]
        for line in try program.run(["log"]).lines {
            let record = try JSONValue(line)
            places[record["record"]?["id"]?.text ?? ""] = record["position"]?.text
        }
        let answers = try program.contents(program.path("answers")).split(separator: "\n").map {
            try JSONValue(String($0))
        }
        #expect(answers.map { $0["line"]?.number } == [1, 2, 3, 4, 5])
        for (number, answer) in zip(UInt64(1)..<6, answers) {
            #expect(answer.names == ["line", "id", "message", "position"])
            #expect(answer["id"]?.text == Lines.command(number))
            #expect(answer["position"]?.text == places[Lines.command(number)])
        }
    }

    @Test func refusedLinesAreNamedAndTheOthersGoIn() throws {
        let bad: [(String, String)] = [
            ("{", "json"), (#"{"command":"dance"}"#, "unknownCommand"),
            (Lines.send(2, text: #"a\u0000"#), "notText"),
            (Lines.send(3).replacing("send", with: "sned"), "unknownCommand"),
            (Lines.send(4).replacing(Lines.conversation(1), with: "x"), "badId"),
            (String(repeating: "[", count: 40) + String(repeating: "]", count: 40), "json"),
            (#"{"command":"markUnread","command":"mute"}"#, "duplicateKey"),
            (Lines.send(5, text: String(repeating: "x", count: 1 << 20)), "tooLarge"),
        ]
        let lines = [Lines.send(1), ""] + bad.map(\.0) + [" \t ", Lines.send(9)]
        let file = try program.file("lines.jsonl", lines.joined(separator: "\n"))
        let ended = try program.run(["append", file])
        #expect(ended.code == 1)
        #expect(ended.errorLines.count == bad.count)
        for (index, line) in ended.errorLines.enumerated() {
            #expect(line.hasPrefix("\(file):\(index + 3): \(bad[index].1): "), "\(line)")
        }
        #expect(try summary(ended)["read"]?.number == Int64(lines.count))
        #expect(try summary(ended)["refused"]?.number == Int64(bad.count))
        #expect(try loggedIDs().sorted() == [Lines.command(1), Lines.command(9)])
    }

    @Test func strictlyNothingGoesInUnlessAllAreValid() throws {
        let text = Lines.send(1) + "\n{\n"
        for file in ["-", try program.file("lines.jsonl", text)] {
            let ended = try program.run(["append", file, "--strict"], input: text)
            #expect(ended.code == 1)
            #expect(ended.errors.hasPrefix("\(file):2: json: "))
            #expect(try summary(ended)["appended"]?.number == 0)
            #expect(try loggedIDs().isEmpty)
        }
        #expect(try program.run(["append", "-", "--strict"], input: Lines.send(1)).code == 0)
        #expect(try loggedIDs() == [Lines.command(1)])
    }

    @Test func anInterruptedRunGoesOnWithoutAppendingTwice() throws {
        let lines = (1...300).map { Lines.send($0, conversation: $0 % 7) }
        let file = try program.file("lines.jsonl", lines.joined(separator: "\n") + "\n")
        let answers = program.path("answers")
        let first = try program.run(
            ["append", "-", "--answers", answers], input: lines[..<120].joined(separator: "\n"))
        #expect(first.code == 0)
        // What a crash may leave: records in the log without an answer, and half an answer.
        let whole = try program.contents(answers).split(separator: "\n")
        _ = try program.file("answers", whole[..<100].joined(separator: "\n") + "\n" + whole[100].prefix(20))
        let second = try program.run(["append", file, "--answers", answers, "--resume"])
        #expect(second.code == 0)
        #expect(try summary(second)["appended"]?.number == 180)
        #expect(try summary(second)["resumed"]?.number == 20)
        let ids = try loggedIDs()
        #expect(ids.count == 300)
        #expect(Set(ids).count == 300)
        let answered = try program.contents(answers).split(separator: "\n").map { try JSONValue(String($0)) }
        #expect(answered.map { $0["line"]?.number } == (1...300).map { Int64($0) })
        let third = try program.run(["append", file, "--resume"])
        #expect(try summary(third)["appended"]?.number == 0)
        #expect(try summary(third)["token"] == summary(second)["token"])
    }

    @Test func aLineRefusedBeforeAnInterruptionStillCountsInTheExitCode() throws {
        let file = try program.file("lines.jsonl", "{}\n\(Lines.send(1))\n\(Lines.send(2))\n")
        let answers = program.path("answers")
        let first = try program.run(["append", "-", "--answers", answers], input: "{}\n\(Lines.send(1))\n")
        #expect(first.code == 1)
        #expect(try program.run(["append", file, "--answers", answers, "--resume"]).code == 1)
        #expect(try loggedIDs().count == 2)
    }

    @Test func answersOfAnotherInputAreRefused() throws {
        let answers = program.path("answers")
        #expect(try program.run(["append", "-", "--answers", answers], input: Lines.send(1)).code == 0)
        let other = try program.run(
            ["append", "-", "--answers", answers, "--resume"], input: Lines.send(2) + "\n" + Lines.send(3))
        #expect(other.code == 65)
        #expect(try loggedIDs() == [Lines.command(1)])
    }

    @Test func aStoppedRunHasAnsweredAllThatIsInTheLogAndGoesOn() throws {
        let lines = (1...6_000).map { Lines.send($0, conversation: $0 % 50) }
        let file = try program.file("lines.jsonl", lines.joined(separator: "\n") + "\n")
        let answers = program.path("answers")
        let arguments = ["append", file, "--batch", "100", "--answers", answers, "--resume", "--data", program.data]
        let child = try ChildProcess("parley", arguments, errorPath: program.path("errors"))
        while try !program.exists(answers) || program.contents(answers).isEmpty { usleep(5_000) }
        child.send(SIGTERM)
        var last = ""
        while let line = child.readLine() { last = line }
        #expect(child.wait() == 143)
        let appended = try JSONValue(last)["appended"]?.number ?? 0
        #expect(appended > 0 && appended < 6_000)
        #expect(try program.contents(answers).split(separator: "\n").count == Int(appended))
        #expect(try loggedIDs().count == Int(appended))
        let rest = try program.run(["append", file, "--answers", answers, "--resume"])
        #expect(rest.code == 0)
        #expect(try summary(rest)["appended"]?.number == 6_000 - appended)
        #expect(try Set(loggedIDs()).count == 6_000)
    }

    @Test func whatCannotBeOpenedHasItsExitCode() throws {
        #expect(try program.run(["append", program.path("none")]).code == 66)
        #expect(try program.run(["append", program.scratch.path]).code == 66)
        #expect(try program.run(["append", "-", "--data", "/dev/null/x"], usesData: false).code == 73)
        #expect(try program.run(["append", "-", "--answers", "/dev/null/x"]).code == 73)
        #expect(try program.run(["append", "-"], input: Lines.send(1)).code == 0)
        let key = program.data + "/keys/master.key"
        #expect(chmod(key, 0o644) == 0)
        #expect(try program.run(["append", "-"], input: Lines.send(2)).code == 77)
        #expect(chmod(key, 0o600) == 0 && rename(key, key + ".away") == 0)
        #expect(try program.run(["append", "-"], input: Lines.send(2)).code == 78)
    }

    @Test func noBodyIsInAnyFileInClear() throws {
        let text = Lines.send(1, text: "xyzzy-token-4711")
        #expect(try program.run(["append", "-"], input: text).code == 0)
        let found = try program.shell("grep -rl xyzzy-token-4711 \(program.data) || true")
        #expect(found.isEmpty)
        #expect(try program.run(["log", "--open"]).output.contains("xyzzy-token-4711"))
        #expect(!(try program.run(["log"]).output.contains("xyzzy-token-4711")))
    }
}
