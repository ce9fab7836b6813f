import ContentProtection
import EventLog
import Messaging
import MessagingService
import Testing
import Wire

struct AdmissionTests {
    private static let now: Int64 = 1_700_000_000_000_000
    private let keys = MemoryKeys()
    private let counts = PartitionCounts(conversationCommands: 4, memberCommands: 3)

    private func admission(
        _ authority: AdmissionSettings.Authority = .operator, lastOrds: (any LastOrdSource)? = nil,
        known: KnownRecords? = nil
    ) throws -> Admission {
        try Admission(
            settings: AdmissionSettings(
                partitionCounts: counts, authority: authority, clock: LogClock { Self.now }),
            keys: keys, mint: CommandIDMint(), lastOrds: lastOrds, known: known)
    }

    private func request(
        _ kind: CommandRequest.Kind, id: CommandID? = Numbered.command(1),
        conversation: ConversationID? = Numbered.conversation(1)
    ) -> CommandRequest {
        CommandRequest(id: id, actor: Numbered.member(1), conversation: conversation, kind: kind)
    }

    private func judged(
        _ kind: CommandRequest.Kind, id: CommandID? = Numbered.command(1),
        conversation: ConversationID? = Numbered.conversation(1)
    ) -> JudgedRequest {
        JudgedRequest(request(kind, id: id, conversation: conversation))
    }

    private func send(_ text: String, token: String? = nil, message: MessageID? = nil) -> SendRequest {
        SendRequest(
            clientToken: token.map { Array($0.utf8) }, content: Content(text: Array(text.utf8)), message: message)
    }

    /// Admits one request.
    private func admit(_ request: CommandRequest, _ admission: Admission) throws -> (Admitted, Record) {
        let batch = try admission.admit([.success(JudgedRequest(request))])
        guard case .admitted(let admitted) = batch.outcomes[0], batch.records.count == 1 else {
            throw Refusal(.badValue, "not admitted: \(batch.outcomes)")
        }
        let value = batch.records.bytes[batch.records.entries[0].valueRange]
        return (admitted, try value.withUnsafeBytes { try RecordCodec.decode($0) })
    }

    private func refusal(_ request: CommandRequest, _ admission: Admission) throws -> Refusal? {
        let batch = try admission.admit([.success(JudgedRequest(request))])
        #expect(try admission.refusal(of: JudgedRequest(request)) == batch.outcomes[0].refusal)
        #expect(batch.records.isEmpty == (batch.outcomes[0].refusal != nil))
        return batch.outcomes[0].refusal
    }

    // MARK: - Ids

    @Test func aDirectMessageGetsTheConversationAndTheMessageOfItsTwoMembers() throws {
        let (admitted, record) = try admit(
            request(.sendDirect(to: Numbered.member(2), send("hello", token: "t")), conversation: nil), admission())
        let conversation = ConversationID.direct(
            Numbered.member(2), Numbered.member(1), namespace: .defaultNamespace)
        let message = MessageID.native(
            conversation: conversation, sender: Numbered.member(1), clientToken: Array("t".utf8))
        #expect(admitted == Admitted(id: Numbered.command(1), conversation: conversation, message: message))
        #expect(record.conversation == conversation)
        guard case .send(let sent) = record.command else {
            Issue.record("not a send")
            return
        }
        #expect(sent.message == message)
        #expect(sent.direct == Numbered.member(2))
    }

    @Test func anAbsentClientTokenIsTheTextOfTheCommandId() throws {
        let (admitted, record) = try admit(request(.send(send("hello"))), admission())
        guard case .send(let sent) = record.command else {
            Issue.record("not a send")
            return
        }
        #expect(sent.clientToken == Array(Numbered.command(1).description.utf8))
        #expect(
            admitted.message
                == .native(
                    conversation: Numbered.conversation(1), sender: Numbered.member(1), clientToken: sent.clientToken))
    }

    @Test func anAbsentIdIsMintedAndEachOneIsGreater() throws {
        let batch = try admission().admit((0..<50).map { _ in .success(judged(.markUnread, id: nil)) })
        let ids = batch.outcomes.compactMap(\.admitted?.id)
        #expect(ids.count == 50)
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        #expect(ids.allSatisfy { $0.value.version == 7 })
    }

    @Test func givenIdsThatAreNotTheComputedOnesAreRefused() throws {
        let admission = try admission()
        let computed = MessageID.native(
            conversation: Numbered.conversation(1), sender: Numbered.member(1), clientToken: Array("t".utf8))
        #expect(try refusal(request(.send(send("x", token: "t", message: computed))), admission) == nil)
        let other = request(.send(send("x", token: "t", message: Numbered.message(9))))
        #expect(try refusal(other, admission)?.code == .badValue)
        let direct = request(.sendDirect(to: Numbered.member(2), send("x")))
        #expect(try refusal(direct, admission)?.code == .badValue)
    }

    // MARK: - Refusals

    @Test func anOrdAheadOfTheClockAndOfTheConversationIsRefused() throws {
        func read(_ ord: Int64) -> CommandRequest { request(.read(Read(upTo: .ord(ord), isPrivate: false))) }
        func archive(_ ord: Int64) -> CommandRequest { request(.archive(Archive(upTo: .ord(ord)))) }
        let alone = try admission()
        for make in [read, archive] {
            #expect(try refusal(make(Self.now), alone) == nil)
            #expect(try refusal(make(Self.now + 1), alone)?.code == .badValue)
            let knowing = try admission(
                lastOrds: OneLastOrd(conversation: Numbered.conversation(1), ord: Self.now + 5))
            #expect(try refusal(make(Self.now + 5), knowing) == nil)
            #expect(try refusal(make(Self.now + 6), knowing)?.code == .badValue)
        }
        let message = request(.read(Read(upTo: .message(Numbered.message(1)), isPrivate: false)))
        #expect(try refusal(message, alone) == nil)
    }

    @Test func whatAdmissionFindsComesBeforeTheSize() throws {
        let tooLarge = Refusal(.tooLarge, "too large")
        func code(_ message: MessageID?) throws -> Refusal.Code? {
            let judged = JudgedRequest(request(.send(send("x", message: message))), tooLarge: tooLarge)
            return try admission().admit([.success(judged)]).outcomes[0].refusal?.code
        }
        #expect(try code(nil) == .tooLarge)
        #expect(try code(Numbered.message(1)) == .badValue)
    }

    @Test func aMemberActsForNobodyElseAndMakesGroupsOfVersionSevenOnly() throws {
        let own = try admission(.member(Numbered.member(1)))
        let other = try admission(.member(Numbered.member(2)))
        #expect(try refusal(request(.markUnread), own) == nil)
        #expect(try refusal(request(.markUnread), other)?.code == .badValue)
        let create = CommandRequest.Kind.createConversation(
            CreateRequest(participants: [], title: nil, history: .fromJoin))
        #expect(try refusal(request(create), own)?.code == .badValue)
        let seven = ConversationID(.version7(milliseconds: 1, random: Identifier(high: 1, low: 1)))
        #expect(try refusal(request(create, conversation: seven), own) == nil)
        #expect(try refusal(request(create), admission()) == nil)
    }

    @Test func whatWasRefusedBeforeIsPassedOnInItsPlace() throws {
        let before = Refusal(.json, "not an object")
        let batch = try admission().admit([
            .success(judged(.markUnread)), .failure(before), .success(judged(.markUnread)),
        ])
        #expect(batch.outcomes.map(\.refusal) == [nil, before, nil])
        #expect(batch.records.count == 2)
    }

    // MARK: - Sealing and places

    @Test func contentIsSealedForItsAuthorConversationMessageAndCommand() throws {
        let (admitted, record) = try admit(request(.send(send("a secret token"))), admission())
        guard case .send(let sent) = record.command, let message = admitted.message else {
            Issue.record("not a send")
            return
        }
        let opened = try ContentSealer(keys: keys).open(
            sent.content,
            binding: .body(
                conversation: record.conversation, message: message, author: record.actor, command: record.id))
        #expect(opened == .opened(Array(#"{"text":"a secret token"}"#.utf8)))
        #expect(!String(decoding: sent.content.bytes, as: UTF8.self).contains("secret"))
    }

    @Test func titlesAreSealed() throws {
        let create = CommandRequest.Kind.createConversation(
            CreateRequest(participants: [], title: Array("Harbour".utf8), history: .fromJoin))
        for kind in [create, .rename(title: Array("Harbour".utf8))] {
            let (_, record) = try admit(request(kind), admission())
            let title: Sealed? =
                switch record.command {
                case .createConversation(let create): create.title
                case .rename(let rename): rename.title
                default: nil
                }
            let opened = try ContentSealer(keys: keys).open(
                #require(title),
                binding: .title(conversation: record.conversation, author: record.actor, command: record.id))
            #expect(opened == .opened(Array("Harbour".utf8)))
        }
    }

    @Test func aSecondSendWithTheSameTokenHasTheSameMessageAndDigest() throws {
        let admission = try admission()
        func sent(_ text: String, id: UInt64) throws -> Send {
            let request = request(.send(send(text, token: "t")), id: Numbered.command(id))
            guard case .send(let sent) = try admit(request, admission).1.command else {
                throw Refusal(.badValue, "not a send")
            }
            return sent
        }
        let (first, again, other) = (try sent("a", id: 1), try sent("a", id: 2), try sent("b", id: 3))
        #expect(first.message == again.message && first.message == other.message)
        #expect(first.digest == again.digest)
        #expect(first.digest != other.digest)
        #expect(first.content != again.content)
    }

    @Test func aRecordStandsInThePartitionOfItsKey() throws {
        let admission = try admission()
        for number in 1...20 as ClosedRange<UInt64> {
            let conversation = Numbered.conversation(number)
            let batch = try admission.admit([
                .success(judged(.close(Close(on: true)), conversation: conversation)),
                .success(judged(.mute(Mute(on: true)), conversation: conversation)),
            ])
            let byConversation = Partitioner.partition(of: conversation.value, count: 4)
            let byMember = Partitioner.partition(of: Numbered.member(1).value, count: 3)
            #expect(
                batch.records.entries.map(\.partition) == [
                    TopicPartition(.conversationCommands, byConversation), TopicPartition(.memberCommands, byMember),
                ])
            #expect(Array(batch.records.bytes[batch.records.entries[0].keyRange]) == conversation.value.bytes)
        }
    }

    @Test func theKeysOfABatchAreMadeTogetherAndNoneForWhatIsRefusedOrSealsNothing() throws {
        let admission = try admission()
        let before = keys.batches
        _ = try admission.admit([
            .success(judged(.send(send("a")), conversation: Numbered.conversation(1))),
            .success(judged(.send(send("b")), conversation: Numbered.conversation(2))),
            .success(judged(.send(send("c", message: Numbered.message(9))), conversation: Numbered.conversation(3))),
            .success(judged(.markUnread, conversation: Numbered.conversation(4))),
        ])
        #expect(keys.batches == before + 1)
        #expect(
            keys.owners == [
                .member(Numbered.member(1)), .conversation(Numbered.conversation(1)),
                .conversation(Numbered.conversation(2)),
            ])
    }

    // MARK: - Going on after an interruption

    @Test func whatTheLogHasIsNotAdmittedAgain() throws {
        let log = InMemoryLog(partitionCounts: counts)
        let first = try admission().admit([
            .success(judged(.close(Close(on: true)))), .success(judged(.mute(Mute(on: true)))),
        ])
        _ = try log.append(first.records)
        let resumed = try admission(known: KnownRecords(reading: log))
        let batch = try resumed.admit([
            .success(judged(.close(Close(on: true)))), .success(judged(.mute(Mute(on: true)))),
            // The same id elsewhere is another command.
            .success(judged(.close(Close(on: true)), conversation: Numbered.conversation(2))),
            .success(judged(.markUnread, id: nil)),
        ])
        #expect(batch.outcomes.map(\.isLogged) == [true, true, false, false])
        #expect(batch.records.count == 1)
        #expect(batch.outcomes[3].refusal?.code == .missingField)
    }
}

extension AdmittedBatch.Outcome {
    fileprivate var refusal: Refusal? { if case .refused(let refusal) = self { refusal } else { nil } }
    fileprivate var admitted: Admitted? { if case .admitted(let admitted) = self { admitted } else { nil } }
    fileprivate var isLogged: Bool { if case .logged = self { true } else { false } }
}

struct CommandIDMintTests {
    @Test func idsIncreaseThoughTheClockStandsStillOrIsSetBack() {
        let mint = CommandIDMint()
        var last = mint.mint(nowMicros: 1_700_000_000_000_000)
        for now in [1_700_000_000_000_000, 1_600_000_000_000_000, 1_700_000_000_000_000, 1_700_000_000_001_000]
            as [Int64]
        {
            for _ in 0..<2000 {
                let id = mint.mint(nowMicros: now)
                #expect(last < id)
                last = id
            }
        }
        #expect(last.value.version == 7)
        #expect(last.value.high >> 16 == 1_700_000_000_001)
    }
}
