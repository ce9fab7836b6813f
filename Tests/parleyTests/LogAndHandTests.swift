import Testing
import Wire

struct LogAndHandTests {
    private let program: Program
    private let me = Lines.member(1)
    private let you = Lines.member(2)

    init() throws { program = try Program() }

    /// Runs a command with `--json` that must succeed.
    private func answer(_ arguments: [String]) throws -> JSONValue {
        let ended = try program.run(["--json"] + arguments)
        #expect(ended.code == 0, "\(arguments): \(ended.errors)")
        return try JSONValue(ended.lines.last ?? "null")
    }

    @Test func everyCommandByHandPrintsItsIdsAndStandsInTheLog() throws {
        let made = try answer(["create", "--as", me, "--participant", you, "--title", "Harbour"])
        #expect(made.names == ["id", "conversation", "message", "position", "token"])
        let conversation = try #require(made["conversation"]?.text)
        let sent = try answer(["send", conversation, "--as", me, "hello"])
        let message = try #require(sent["message"]?.text)
        _ = try answer(["send", "--as", me, "--to", you, "hello"])
        _ = try answer(["edit", conversation, message, "--as", me, "hello, all"])
        _ = try answer(["react", conversation, message, "--as", you, "--", "-1"])
        _ = try answer(["read", conversation, "--as", you])
        _ = try answer(["star", conversation, message, "--as", you])
        _ = try answer(["hide", conversation, message, "--as", you, "--off"])
        _ = try answer(["archive", conversation, "--as", you, "--message", message])
        _ = try answer(["mute", conversation, "--as", you])
        _ = try answer(["rename", conversation, "--as", you, "Pier"])
        _ = try answer(["close", conversation, "--as", me])
        _ = try answer(["delete", conversation, message, "--as", me, "--reason", "done"])
        let removed = try answer(["participants", conversation, "--as", me, "--add", Lines.member(3), "--remove", you])
        let commands = try program.run(["log"]).lines.map { try JSONValue($0)["record"]?["command"]?.text ?? "" }
        #expect(
            commands.sorted() == [
                "addParticipants", "archive", "close", "createConversation", "delete", "edit", "hide", "mute", "react",
                "read", "removeParticipant", "rename", "send", "sendDirect", "star",
            ])
        #expect(removed["token"]?.text?.isEmpty == false)
    }

    @Test func theSameIdIsTheSameCommand() throws {
        let arguments = ["send", "--as", me, "--to", you, "--id", Lines.command(7), "hello"]
        #expect(try answer(arguments)["message"] == answer(arguments)["message"])
    }

    @Test func wrongCommandsByHandAppendNothing() throws {
        let conversation = Lines.conversation(1)
        for (arguments, code) in [
            (["send", "--as", me, "hello"], 64), (["send", conversation, "--as", me, "--to", you, "hello"], 64),
            (["send", conversation, "--as", "x", "hello"], 64), (["send", conversation, "hello"], 64),
            (["send", conversation, "--as", me, ""], 65), (["send", "--as", me, "--to", me, "hello"], 65),
            (["read", conversation, "--as", me, "--up-to", "-1"], 64),
            (["read", conversation, "--as", me, "--up-to", "9000000000000000000"], 65),
            (["archive", conversation, "--as", me, "--off", "--up-to", "1"], 64),
        ] as [([String], Int32)] {
            let ended = try program.run(arguments)
            #expect(ended.code == code, "\(arguments): \(ended.errors)")
            #expect(ended.output.isEmpty)
        }
        #expect(try program.run(["log"]).lines.isEmpty)
    }

    @Test func theLogIsListedByTopicPartitionAndOffsetFromAnyPosition() throws {
        let lines = (1...60).map { Lines.send($0, conversation: $0 % 9) }
        #expect(try program.run(["append", "-"], input: lines.joined(separator: "\n")).code == 0)
        let all = try program.run(["log"])
        #expect(all.code == 0)
        #expect(all.lines.count == 60)
        let positions = try all.lines.map { try JSONValue($0)["position"]?.text ?? "" }
        for index in [0, 1, 30, 59] {
            #expect(try program.run(["log", "--from", positions[index]]).lines == Array(all.lines[index...]))
        }
        let number = try #require(positions[30].split(separator: "/").last?.split(separator: "@").first)
        let one = try program.run(["log", "--topic", "conversation-commands", "--partition", String(number)])
        #expect(one.lines == all.lines.filter { $0.contains("commands/\(number)@") })
        #expect(try program.run(["log", "--topic", "member-commands"]).lines.isEmpty)
        #expect(try program.run(["log", "--topic", "members"]).code == 64)
        #expect(try program.run(["log", "--from", "here"]).code == 64)
        #expect(try program.run(["log", "--from", "conversation-commands/0@1000000"]).code == 65)
    }

    @Test func openedRecordsCanBeAppendedAgain() throws {
        let first = try program.run(["sample", "--commands", "300", "--members", "9"], usesData: false).output
        #expect(try program.run(["append", "-"], input: first).code == 0)
        let records = try program.run(["log", "--open"]).lines.map { line in
            var writer = JSONWriter()
            try #require(try JSONValue(line)["record"]).write(to: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        let again = try program.run(["append", "-", "--strict"], input: records.joined(separator: "\n"))
        #expect(again.code == 0, "\(again.errors)")
    }

    @Test func anErasedConversationIsNullInTheLogAndStaysSo() throws {
        for number in 1...2 as ClosedRange<UInt64> {
            #expect(try program.run(["append", "-"], input: Lines.send(number, conversation: number)).code == 0)
        }
        let conversation = Lines.conversation(1)
        #expect(try program.run(["erase", "conversation", conversation]).code == 64)
        #expect(try program.run(["erase", "conversation", Lines.conversation(9), "--yes"]).code == 1)
        #expect(try program.run(["erase", "conversation", conversation, "--yes"]).code == 0)
        for line in try program.run(["log", "--open"]).lines {
            let record = try #require(try JSONValue(line)["record"])
            let isErased = record["conversation"]?.text == conversation
            #expect((record["content"] == .null) == isErased)
            #expect((record["erased"] == .bool(true)) == isErased)
        }
        #expect(try program.run(["erase", "conversation", conversation, "--yes"]).code == 0)
    }

    @Test func readersOfADirectoryThatIsNotThereMakeNone() throws {
        #expect(try program.run(["log"]).code == 66)
        #expect(!program.exists(program.data))
    }
}
