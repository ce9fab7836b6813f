import Testing
import Wire

/// Every read through the real executable: fields in their order, exit codes, and tables for people.
struct ReadingTests {
    private let program: Program
    private let me = Lines.member(1)
    private let you = Lines.member(2)
    private let group = Lines.conversation(1)

    private static let row = [
        "conversation", "kind", "with", "title", "lastActivity", "unread", "unreadCapped", "markedUnread", "muted",
        "archived", "closed", "history", "participantCount", "left",
    ]
    private static let message = [
        "conversation", "message", "ord", "sender", "sentAt", "state", "content", "version", "edited", "replyTo",
        "reactions", "starred", "read", "deletedBy", "deletedAt", "deleteReason",
    ]

    init() throws { program = try Program() }

    /// A group of two with two messages of mine, the first edited, reacted to and starred by you.
    /// - Returns: the first message's id.
    private func makeHistory(project: Bool = true) throws -> String {
        let create =
            #"{"command":"createConversation","actor":"\#(me)","conversation":"\#(group)","participants":["\#(you)"],"#
            + #""title":"Har\u001b[31mbour"}"#
        #expect(try program.run(["append", "-"], input: create + "\n").code == 0)
        let sent = try JSONValue(try program.run(["--json", "send", group, "--as", me, "hello"]).output)
        let message = try #require(sent["message"]?.text)
        for arguments in [
            ["edit", group, message, "--as", me, "hello, all"], ["send", group, "--as", me, "second"],
            ["react", group, message, "--as", you, "+1"], ["star", group, message, "--as", you],
            ["close", group, "--as", you],
        ] { #expect(try program.run(arguments).code == 0) }
        if project { try self.project() }
        return message
    }

    private func project() throws {
        for view in ["shared", "personal"] { #expect(try program.run(["project", view, "--once"]).code == 0) }
    }

    private func answer(_ arguments: [String]) throws -> [JSONValue] {
        let ended = try program.run(["--json"] + arguments)
        #expect(ended.code == 0, "\(arguments): \(ended.errors)")
        return try ended.lines.map { try JSONValue($0) }
    }

    private func elements(_ value: JSONValue?) -> [JSONValue] { if case .array(let all)? = value { all } else { [] } }

    @Test func everyAnswerHasItsFieldsInTheirOrder() throws {
        let message = try makeHistory()
        let mailbox = try answer(["mailbox", "--as", you])
        #expect(mailbox.count == 1 && mailbox[0].names == ["conversations", "badge", "next", "token"])
        #expect(elements(mailbox[0]["conversations"]).map(\.names) == [Self.row])
        let page = try answer(["conversation", group, "--as", you])
        #expect(page.count == 1 && page[0].names == ["conversation", "messages", "previous", "next", "token"])
        #expect(
            page[0]["conversation"]?.names == ["conversation", "kind", "title", "closed", "history", "participants"])
        #expect(elements(page[0]["messages"]).map(\.names) == [Self.message, Self.message])
        let one = try answer(["message", group, message, "--as", you])
        #expect(one.count == 1 && one[0].names == Self.message + ["versions"])
        #expect(elements(one[0]["versions"]).map(\.names) == [["id", "ord", "content"], ["id", "ord", "content"]])
        #expect(elements(one[0]["reactions"]).map(\.names) == [["reaction", "members"]])
        for (arguments, names) in [
            (["unread", "--as", you], ["conversation", "unread", "unreadCapped", "markedUnread"]),
            (["stars", "--as", you], Self.message), (["receipts", group, "--as", you], ["member", "readUpTo"]),
            (["participants", group, "--as", you], ["member", "joined", "left", "moderator"]),
            (["rejections"], ["position", "id", "actor", "command", "conversation", "reason", "ord"]),
        ] {
            let lines = try answer(arguments)
            #expect(lines.count >= 2 && lines.dropLast().allSatisfy { $0.names == names }, "\(arguments)")
            #expect(lines.last?.names == ["next", "token"] && lines.last?["next"] == .null)
        }
        let export = try answer(["export", "--as", you])
        #expect(export.map(\.names) == [Self.row, Self.message, Self.message])
        let status = try answer(["status"])
        #expect(status.count == 1 && status[0].names == ["log", "projections"])
        #expect(elements(status[0]["log"]).allSatisfy { $0.names == ["topic", "partition", "end"] })
        #expect(
            elements(status[0]["projections"]).allSatisfy {
                $0.names == [
                    "projection", "store", "generation", "topic", "partition", "position", "gap", "lagSeconds", "owner",
                    "epoch", "parked", "rejected", "orphaned",
                ]
            })
        for view in ["shared", "personal"] { #expect(try answer(["dump", view]).allSatisfy { $0["table"] != nil }) }
    }

    @Test func whatIsNotThereAndWhatIsNotTheirsIsOneAnswerWithoutOutput() throws {
        let message = try makeHistory()
        let (stranger, nowhere) = (Lines.member(9), Lines.conversation(9))
        for (command, ids) in [
            ("conversation", [[group, "--as", stranger], [nowhere, "--as", me]]),
            ("participants", [[group, "--as", stranger], [nowhere, "--as", me]]),
            ("receipts", [[group, "--as", stranger], [nowhere, "--as", me]]),
            ("message", [[group, message, "--as", stranger], [group, Lines.command(9), "--as", me]]),
        ] {
            for arguments in ids {
                let ended = try program.run([command] + arguments)
                #expect(ended.code == 1 && ended.output.isEmpty, "\(command) \(arguments)")
                #expect(ended.errors.hasPrefix("parley: not there, or not yours: "))
            }
        }
        for command in ["mailbox", "unread", "stars", "export", "rejections"] {
            #expect(try program.run([command, "--as", stranger]).code == 0, "\(command)")
        }
    }

    @Test func wrongLimitsAndTokensAreWrongUsage() throws {
        _ = try makeHistory()
        let page = try answer(["conversation", group, "--as", me, "--limit", "1"])[0]
        let token = try #require(page["previous"]?.text)
        for arguments in [
            ["mailbox", "--as", me, "--limit", "0"], ["mailbox", "--as", me, "--limit", "501"],
            ["mailbox", "--as", me, "--after", "garbage"], ["mailbox", "--as", me, "--after", token],
            ["mailbox", "--as", me, "--at-least", token], ["mailbox", "--as", "me"], ["mailbox"],
            ["conversation", group, "--as", me, "--before", token, "--after", token], ["dump", "both"],
        ] {
            let ended = try program.run(arguments)
            #expect(ended.code == 64 && ended.output.isEmpty, "\(arguments): \(ended.errors)")
        }
        let older = try answer(["conversation", group, "--as", me, "--before", token])[0]
        #expect(elements(older["messages"]).count == 1 && older["previous"] == .null)
    }

    @Test func aReadOfWhatIsNotProjectedYetSaysSoAndStatusWaits() throws {
        _ = try makeHistory(project: false)
        #expect(try answer(["mailbox", "--as", me])[0]["conversations"] == .array([]))
        let sent = try answer(["send", group, "--as", me, "third"])[0]
        let token = try #require(sent["token"]?.text)
        let behind = try program.run(["conversation", group, "--as", me, "--at-least", token, "--wait", "20ms"])
        #expect(behind.code == 75 && behind.output.isEmpty && behind.errors.contains("the shared view by"))
        #expect(try program.run(["status"]).code == 0)
        #expect(try program.run(["status", "--wait", "20ms"]).code == 75)
        try project()
        #expect(try program.run(["status", "--wait", "20ms"]).code == 0)
        let page = try answer(["conversation", group, "--as", me, "--at-least", token])[0]
        #expect(elements(page["messages"]).count == 3)
    }

    @Test func peopleGetTablesInWhichNoTextOfOthersMovesTheCursor() throws {
        let message = try makeHistory()
        for arguments in [
            ["mailbox", "--as", you], ["conversation", group, "--as", you], ["message", group, message, "--as", you],
            ["unread", "--as", you], ["stars", "--as", you], ["receipts", group, "--as", you],
            ["participants", group, "--as", you], ["rejections"], ["status"],
        ] {
            let ended = try program.run(arguments)
            #expect(ended.code == 0 && !ended.output.isEmpty, "\(arguments): \(ended.errors)")
            #expect(!ended.output.utf8.contains(0x1b) && !ended.output.contains("{"), "\(arguments)")
        }
        let text = try program.run(["mailbox", "--as", you]).output
        #expect(text.contains("Har [31mbour, 2 participants") && text.hasSuffix("badge: 1\n"))
        #expect(try program.run(["message", group, message, "--as", you]).output.contains("    hello, all\n"))
    }

    @Test func whereThereIsNothingReadsSaySo() throws {
        let ended = try program.run(["mailbox", "--as", me])
        #expect(ended.code == 66 && ended.errors.contains("no log"))
        #expect(!program.exists(program.data))
    }
}
