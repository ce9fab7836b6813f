import Messaging
import Testing
import Wire

@Suite struct LogLineTests {
    let position = Array("conversation-commands/3@1024".utf8)

    func line(_ record: Record, _ opened: Opened = .no) throws -> String {
        var writer = JSONWriter()
        try LogLine.write(record, position: position, appendTime: 1_700_000_000_000_000, opened: opened, to: &writer)
        return text(writer.bytes)
    }

    /// A record of ids `1` (command), `a` (actor) and `c` (conversation).
    func record(_ command: Command) -> Record {
        Record(
            id: CommandID(text: Sample.id("1").utf8)!, actor: MemberID(text: Sample.a.utf8)!,
            conversation: ConversationID(text: Sample.c.utf8)!, command: command)
    }

    var send: Send {
        Send(
            message: MessageID(text: Sample.d.utf8)!, clientToken: Array("t".utf8), content: Sealed([1]),
            digest: PayloadDigest(Identifier(high: 0, low: 0)), replyTo: nil, sentAt: nil, direct: nil)
    }

    let ids = #""actor":"\#(Sample.a)","conversation":"\#(Sample.c)""#

    @Test func aRecordIsWrittenAsTheInterfaceSays() throws {
        var sent = record(.send(send))
        sent.verdicts = [
            HookVerdict(hook: Array("spam".utf8), version: Array("1.2".utf8), decision: .replaced, durationMicros: 5)
        ]
        let head =
            #"{"position":"conversation-commands/3@1024","appendTime":1700000000000000,"origin":"native","verdicts":["#
        let verdict = #"{"hook":"spam","version":"1.2","decision":"replaced","durationMicros":5}"#
        func whole(_ content: String, _ more: String = "") -> String {
            head + verdict
                + #"],"record":{"id":"\#(Sample.id("1"))","command":"send",\#(ids),"clientToken":"t","message":"\#(Sample.d)","content":"#
                + content + #","replyTo":null,"sentAt":null"# + more + "}}"
        }
        #expect(try line(sent) == whole("null"))
        #expect(try line(sent, .plain(Array(#"{"text":"hi"}"#.utf8))) == whole(#"{"text":"hi"}"#))
        #expect(try line(sent, .erased) == whole("null", #","erased":true"#))
        var legacy = record(.mute(Mute(on: true)))
        legacy.origin = .legacy
        #expect(
            try line(legacy, .erased)
                == head.replacing("\"native\"", with: "\"legacy\",\"sourceVersion\":null")
                + #"],"record":{"id":"\#(Sample.id("1"))","command":"mute",\#(ids),"on":true}}"#)
    }

    @Test func whatOnlyALegacySystemSaysStandsBesideTheRecord() throws {
        var sent = send
        sent.legacyOrd = 5
        func legacy(_ command: Command) -> Record {
            var record = record(command)
            (record.origin, record.sourceVersion) = (.legacy, 7)
            return record
        }
        let said = #""origin":"legacy","sourceVersion":7"#
        #expect(try line(legacy(.send(sent))).contains(said + #","legacyOrd":5,"verdicts":[],"record":{"id""#))
        let stay = Stay(member: MemberID(text: Sample.b.utf8)!, joined: 1, left: nil)
        #expect(
            try line(legacy(.stay(stay))).hasSuffix(
                #""command":"stay",\#(ids),"member":"\#(Sample.b)","joined":1,"left":null}}"#))
        let state = CopyState(
            message: MessageID(text: Sample.d.utf8)!, ord: 5, isRead: nil, isStarred: true, isHidden: false)
        #expect(
            try line(legacy(.copyState(state))).hasSuffix(
                #""command":"copyState",\#(ids),"message":"\#(Sample.d)","ord":5,"read":null,"starred":true,"hidden":false}}"#
            ))
    }

    @Test func aFirstDirectMessageSaysToWhom() throws {
        var direct = send
        direct.direct = MemberID(text: Sample.b.utf8)!
        let written = try line(record(.send(direct)), .plain(Array(#"{"text":"hi"}"#.utf8)))
        #expect(written.contains(#""command":"sendDirect",\#(ids),"to":"\#(Sample.b)","clientToken":"t""#))
    }

    @Test func titlesAreTextAndNullUntilTheyAreOpened() throws {
        let rename = record(.rename(Rename(title: Sealed([1]))))
        #expect(try line(rename).contains(#""title":null}"#))
        #expect(try line(rename, .plain(Array("a\"é".utf8))).contains(#""title":"a\"é"}"#))
        #expect(try line(rename, .erased).contains(#""title":null,"erased":true}"#))
        let untitled = record(.createConversation(CreateConversation(participants: [], title: nil, history: .all)))
        #expect(try line(untitled, .erased).hasSuffix(#""participants":[],"title":null,"history":"all"}}"#))
    }

    @Test func whatIsNoContentIsNotWritten() {
        var writer = JSONWriter()
        for (command, bytes) in [(Command.send(send), Array("{}".utf8)), (.rename(Rename(title: Sealed([]))), [0xff])] {
            #expect(throws: WireError.self) {
                try LogLine.write(
                    record(command), position: position, appendTime: 0, opened: .plain(bytes), to: &writer)
            }
        }
        #expect(writer.bytes.isEmpty)
    }

    /// The record of every opened line is a command that can be appended again, and says the same.
    @Test func anOpenedRecordIsACommandAgain() throws {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var requests = SampleRequests(seed: seed)
        var samples = SampleRecords(seed: seed)
        for _ in 0..<3_000 {
            let request = requests.request()
            let admitted = admit(request, &samples)
            let value = try JSONValue(parsing: Array(try line(admitted.record, admitted.opened).utf8))
            var writer = JSONWriter()
            try #require(value["record"]).write(to: &writer)
            var expected = request
            expected.id = admitted.record.id
            expected.conversation = admitted.record.conversation
            expected.kind = admitted.kind
            #expect(parsed(writer.bytes) == .success(expected), "\(text(writer.bytes))")
        }
    }

    /// A record for a request, what its sealed part says, and the request with all that admission adds.
    func admit(_ request: CommandRequest, _ samples: inout SampleRecords) -> (
        record: Record, opened: Opened, kind: CommandRequest.Kind
    ) {
        var opened = Opened.no
        var kind = request.kind
        let sealed = Sealed([9])
        func admitted(_ send: SendRequest, to: MemberID?) -> (Command, SendRequest) {
            var given = send
            given.message = samples.id()
            given.clientToken = send.clientToken ?? Array("token".utf8)
            opened = .plain(send.content.canonicalJSON())
            return (
                .send(
                    Send(
                        message: given.message!, clientToken: given.clientToken!, content: sealed,
                        digest: PayloadDigest(Identifier(high: 1, low: 1)),
                        replyTo: send.replyTo, sentAt: send.sentAt, direct: to)), given
            )
        }
        let command: Command
        switch request.kind {
        case .createConversation(let create):
            command = .createConversation(
                CreateConversation(
                    participants: create.participants, title: create.title.map { _ in sealed }, history: create.history)
            )
            if let title = create.title { opened = .plain(title) }
        case .send(let send):
            let (record, given) = admitted(send, to: nil)
            (command, kind) = (record, .send(given))
        case .sendDirect(let to, let send):
            let (record, given) = admitted(send, to: to)
            (command, kind) = (record, .sendDirect(to: to, given))
        case .edit(let edit):
            command = .edit(Edit(message: edit.message, content: sealed, expectedVersion: edit.expectedVersion))
            opened = .plain(edit.content.canonicalJSON())
        case .rename(let title):
            command = .rename(Rename(title: sealed))
            opened = .plain(title)
        case .delete(let delete): command = .delete(delete)
        case .react(let react): command = .react(react)
        case .addParticipants(let add): command = .addParticipants(add)
        case .removeParticipant(let remove): command = .removeParticipant(remove)
        case .setModerator(let set): command = .setModerator(set)
        case .close(let close): command = .close(close)
        case .read(let read): command = .read(read)
        case .markUnread: command = .markUnread
        case .star(let mark): command = .star(mark)
        case .hide(let mark): command = .hide(mark)
        case .archive(let archive): command = .archive(archive)
        case .mute(let mute): command = .mute(mute)
        }
        let record = Record(
            id: request.id ?? samples.id(), actor: request.actor, conversation: request.conversation ?? samples.id(),
            command: command)
        return (record, opened, kind)
    }
}
