import Messaging
import Testing

@testable import Wire

@Suite struct CommandParserTests {
    let a = MemberID(text: Sample.a.utf8)!, b = MemberID(text: Sample.b.utf8)!
    let c = ConversationID(text: Sample.c.utf8)!, d = MessageID(text: Sample.d.utf8)!

    @Test func everyCommandIsRead() throws {
        let expected: [String: CommandRequest.Kind] = [
            "send": .send(SendRequest(content: Content(text: Array("hello".utf8)))),
            "sendDirect": .sendDirect(to: b, SendRequest(content: Content(text: Array("hello".utf8)))),
            "createConversation": .createConversation(CreateRequest(participants: [], title: nil, history: .fromJoin)),
            "edit": .edit(EditRequest(message: d, content: Content(text: Array("x".utf8)))),
            "delete": .delete(Delete(message: d, version: nil, reason: nil)),
            "react": .react(React(message: d, reaction: Array("+1".utf8), on: true)),
            "addParticipants": .addParticipants(AddParticipants(members: [b])),
            "removeParticipant": .removeParticipant(RemoveParticipant(member: b)),
            "setModerator": .setModerator(SetModerator(member: b, on: false)),
            "rename": .rename(title: Array("T".utf8)),
            "close": .close(Close(on: true)),
            "read": .read(Read(upTo: .ord(5), isPrivate: false)),
            "markUnread": .markUnread,
            "star": .star(Mark(message: d, on: true)),
            "hide": .hide(Mark(message: d, on: true)),
            "archive": .archive(Archive(upTo: .ord(5))),
            "mute": .mute(Mute(on: true)),
        ]
        #expect(expected.count == CommandName.allCases.count)
        for (name, kind) in expected {
            let request = try parsed(Sample.line(name)).get()
            #expect(request == CommandRequest(actor: a, conversation: name == "sendDirect" ? nil : c, kind: kind))
            #expect("\(kind.name)" == name)
        }
    }

    @Test func everyOptionalFieldIsRead() throws {
        let id = Sample.id("1")
        let command = CommandID(text: id.utf8)!
        let content =
            #"{"attachments":[{"name":"n","uri":"u","bytes":3,"mediaType":"m"},{"uri":""}],"mentions":["\#(Sample.b)"]}"#
        let line =
            Sample.line("send", #"{"text":"hello"}"#, with: content).dropLast()
            + #","id":"\#(id)","clientToken":"t","replyTo":"\#(Sample.d)","sentAt":"2004-12-25T10:02:11Z","message":"\#(Sample.d)"}"#
        let attachments = [
            Attachment(uri: [0x75], mediaType: [0x6d], bytes: 3, name: [0x6e]), Attachment(uri: []),
        ]
        let send = SendRequest(
            clientToken: [0x74], content: Content(text: [], mentions: [b], attachments: attachments), replyTo: d,
            sentAt: Array("2004-12-25T10:02:11Z".utf8), message: d)
        #expect(
            try parsed(String(line)).get() == CommandRequest(id: command, actor: a, conversation: c, kind: .send(send)))

        let cases: [(String, String, CommandRequest.Kind)] = [
            (
                "createConversation", #""participants":["\#(Sample.b)"],"title":"","history":"all""#,
                .createConversation(CreateRequest(participants: [b], title: [], history: .all))
            ),
            (
                "createConversation", #""history":"fromJoin""#,
                .createConversation(CreateRequest(participants: [], title: nil, history: .fromJoin))
            ),
            (
                "edit", #""expectedVersion":"\#(id)""#,
                .edit(EditRequest(message: d, content: Content(text: [0x78]), expectedVersion: command))
            ),
            (
                "delete", #""reason":"r","version":"\#(id)""#,
                .delete(Delete(message: d, version: command, reason: [0x72]))
            ),
            ("read", #""private":true"#, .read(Read(upTo: .ord(5), isPrivate: true))),
        ]
        for (name, more, kind) in cases { #expect(try parsed(Sample.line(name, more)).get().kind == kind) }
        let readTo = Sample.line("read", #""upTo":5"#, with: #""upToMessage":"\#(Sample.d)""#)
        #expect(try parsed(readTo).get().kind == .read(Read(upTo: .message(d), isPrivate: false)))
        let archiveTo = Sample.line("archive", #""upTo":5"#, with: #""upToMessage":"\#(Sample.d)""#)
        #expect(try parsed(archiveTo).get().kind == .archive(Archive(upTo: .message(d))))
        let archiveOff = Sample.line("archive", #""on":true,"upTo":5"#, with: #""on":false"#)
        #expect(try parsed(archiveOff).get().kind == .archive(Archive(upTo: nil)))
        let direct = try parsed(Sample.line("sendDirect", #""conversation":"\#(Sample.c)""#)).get()
        #expect(direct.conversation == c)
    }

    @Test func nullIsAbsentForEveryOptionalField() throws {
        for name in CommandName.allCases {
            let form = CommandName.forms[Int(name.rawValue)]
            let line = Sample.line("\(name.name)")
            let given = Set(CommandField.allCases.filter { line.contains("\"\($0.name)\":") })
            let optional = form.allowed.subtracting(form.required).list.filter { !given.contains($0) }
            let nulls = optional.map { "\"\($0.name)\":null" }.joined(separator: ",")
            #expect(!optional.isEmpty)
            #expect(try parsed(Sample.line("\(name.name)", nulls)).get() == parsed(line).get(), "\(nulls)")
        }
        let content = #"{"text":"hello","mentions":null,"attachments":null}"#
        #expect(
            try parsed(Sample.line("send", #"{"text":"hello"}"#, with: content)).get()
                == parsed(Sample.line("send")).get())
    }

    @Test func whiteSpaceOrderAndEscapesInNamesMakeNoDifference() throws {
        let line =
            " {\t\"on\" : true ,\r\n \"\\u0061ctor\":\"\(Sample.a)\", \"comm\\u0061nd\":\"m\\u0075te\",\"conversation\":\"\\u0063\(Sample.c.dropFirst())\"} \n"
        #expect(try parsed(line).get() == parsed(Sample.line("mute")).get())
    }

    @Test func textIsUnescapedToTheBytesItSays() throws {
        let escaped = #"\" \\ \/ \b \f \n \r \t \u00e9 \u20AC \ud834\udd1e \uFFFD é€𝄞"#
        let line = Sample.line("rename", #""T""#, with: "\"\(escaped)\"")
        let expected = "\" \\ / \u{8} \u{c} \n \r \t é € 𝄞 \u{fffd} é€𝄞"
        #expect(try parsed(line).get().kind == .rename(title: Array(expected.utf8)))
    }

    /// Text is bytes: these two titles look equal and are not.
    @Test func textIsNotNormalized() throws {
        let composed = try parsed(Sample.line("rename", "T", with: "\u{e9}")).get()
        let decomposed = try parsed(Sample.line("rename", "T", with: "e\u{301}")).get()
        #expect(composed != decomposed)
    }

    @Test func integersReachFromZeroToTheGreatest() throws {
        for (text, ord) in [
            ("0", Int64(0)), ("-0", 0), ("9223372036854775807", .max), ("1103968931000000", 1_103_968_931_000_000),
        ] {
            let line = Sample.line("read", #""upTo":5"#, with: "\"upTo\":\(text)")
            #expect(try parsed(line).get().kind == .read(Read(upTo: .ord(ord), isPrivate: false)), "\(text)")
        }
    }

    @Test func aParserIsUsedForManyLines() throws {
        var parser = CommandParser()
        for line in [
            Sample.line("send"), "{", Sample.line("mute"), String(repeating: "[", count: 100_000), Sample.line("send"),
        ] {
            let reused = Array(line.utf8).withUnsafeBytes { raw in Result { try parser.parse(raw) } }
            #expect((try? reused.get()) == (try? parsed(line).get()))
        }
    }

    @Test func blankLinesAreWhiteSpaceOnly() {
        for (line, blank) in [
            ("", true), (" \t\r\n", true), ("\u{a0}", false), ("x", false), ("  {", false), ("\u{0}", false),
        ] {
            #expect(Array(line.utf8).withUnsafeBytes { CommandParser.isBlank($0) } == blank)
        }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var samples = SampleRequests(seed: seed)
        var writer = JSONWriter()
        for _ in 0..<5_000 {
            let request = samples.request()
            writer.removeAll()
            request.write(to: &writer)
            let line = writer.bytes
            #expect(parsed(line) == .success(request), "\(text(line))")
        }
    }

    /// Every cut and every change of a byte gives a command or a refusal, never a trap.
    @Test func changedLinesNeverTrap() {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var samples = SampleRequests(seed: seed)
        var random = SeededGenerator(seed: seed)
        var codes: Set<Refusal.Code> = []
        let interesting = Array("{}[]\",:\\u0 -e.\u{0}\u{1}\u{7f}".utf8) + [0xff, 0xc3, 0xed, 0xf4]
        for _ in 0..<10_000 {
            var writer = JSONWriter()
            samples.request().write(to: &writer)
            var line = writer.bytes
            for _ in 0...random.below(3) {
                switch random.below(4) {
                case 0: line[random.below(line.count)] = random.pick(interesting)
                case 1: line.insert(random.pick(interesting), at: random.below(line.count + 1))
                case 2: line.remove(at: random.below(line.count))
                default: line.removeLast(random.below(min(line.count, 40)))
                }
                if line.isEmpty { line = [0x7b] }
            }
            if let refused = refusal(line) { codes.insert(refused.code) }
        }
        #expect(codes.isSuperset(of: [.notText, .json, .unknownCommand, .unknownField, .badId, .badValue]))
    }
}
