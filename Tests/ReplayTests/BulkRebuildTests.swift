import EventLog
import Glibc
import Messaging
import Projection
import Replay
import Simulation
import Synchronization
import TestSupport
import Testing
import ViewStorage
import Wire

/// Loading by ranges of keys gives the rows that projecting gives.
@Suite(.inEveryStore) struct BulkRebuildTests {
    private static var rounds: UInt64 {
        UInt64(StoreKind.current.rounds(getenv("PARLEY_TORTURE") == nil ? 15 : 1_000))
    }

    /// Few records a bucket, so that there are many buckets, and giants, of which a random history always has one.
    private static func options(_ dice: inout Dice) -> ReplayOptions {
        var options = ReplayOptions()
        options.fixedBucketRecords = dice.pick([1, 3, 10, 40])
        options.memoryBytes = dice.pick([0, 10_000, 1 << 20])
        return options
    }

    @Test(arguments: ProjectionName.allCases)
    func bucketsOfAnySizeGiveTheRowsOfTheLiveView(_ view: ProjectionName) throws {
        for seed in 50_000..<50_000 + Self.rounds {
            try withTemporaryDirectory { directory in
                var dice = Dice(seed: seed)
                let rebuilt = try RebuiltLog(in: directory)
                for logged in HistoryGenerator.history(seed: seed, count: 40 + dice.below(160)).records {
                    try rebuilt.append([logged])
                    if dice.chance(1, in: 60) {
                        try rebuilt.appendJunk(key: logged.record.key, personal: logged.record.command.isPersonal)
                    }
                }
                try rebuilt.project(view, batchRecords: 1 + dice.below(40))
                let live = try rebuilt.rows(view)
                let (answer, differences) = try rebuilt.replay(view, Self.options(&dice))
                #expect(differences == [], "PARLEY_SEED=\(seed)")
                #expect(answer.outcome == .swapped && answer.records > 0)
                #expect(try rebuilt.rows(view) == live, "PARLEY_SEED=\(seed)")
                try rebuilt.append(HistoryGenerator.history(seed: seed + 1, count: 30).records)
                try rebuilt.project(view)
                #expect(try rebuilt.replay(view).differences == [], "PARLEY_SEED=\(seed)")
            }
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func aLoadingStoppedAtAnyPageGoesOn(_ view: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 61_000, count: 200).records)
            try rebuilt.project(view)
            let live = try rebuilt.rows(view)
            var options = ReplayOptions()
            options.fixedBucketRecords = 10
            var isDone = false
            for limit in 1..<500 where !isDone {
                let asked = Atomic<Int>(0)
                do {
                    let answer = try rebuilt.replay(view, options) {
                        asked.wrappingAdd(1, ordering: .relaxed).newValue > 30 + limit
                    }.answer
                    #expect(answer.outcome == .swapped && answer.generation == 2)
                    isDone = true
                } catch let error as ReplayError where error.code == .interrupted {
                    #expect(try rebuilt.generations(view).active() == 1)
                }
            }
            #expect(isDone)
            #expect(try rebuilt.rows(view) == live)
        }
    }

    @Test func aRecordUnderAForeignKeyIsProjectedInTheLogsOrder() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            let history = HistoryGenerator.history(seed: 62_000, count: 100).records
            try rebuilt.append(history)
            let record = history.last { !$0.record.command.isPersonal }!.record
            var batch = AppendBatch()
            try batch.add(to: TopicPartition(.conversationCommands, 0), keyHigh: 1, keyLow: 2) {
                try RecordCodec.encode(record, into: &$0)
            }
            _ = try rebuilt.log.append(batch)
            try rebuilt.project(.shared)
            let live = try rebuilt.rows(.shared)
            #expect(try rebuilt.replay(.shared).answer.outcome == .swapped)
            #expect(try rebuilt.rows(.shared) == live)
        }
    }

    @Test func aMailboxThatOutgrowsItsLimitIsIndexedAsTheLiveOne() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(Self.largeMailbox())
            try rebuilt.project(.personal, batchRecords: 50)
            let live = try rebuilt.rows(.personal)
            #expect(live["member"]!.count == 3)
            var options = ReplayOptions()
            options.fixedBucketRecords = 70
            #expect(try rebuilt.replay(.personal, options).differences == [])
            #expect(try rebuilt.rows(.personal) == live)
        }
    }

    /// Two members in 300 conversations, one of them in every second only, with messages and reads.
    private static func largeMailbox() -> [LoggedRecord] {
        var dice = Dice(seed: 63_000)
        let members = (1...3).map { MemberID(Identifier(high: 9, low: $0)) }
        var records: [LoggedRecord] = []
        func add(_ actor: MemberID, _ conversation: ConversationID, _ command: Command) {
            let id = CommandID(Identifier(high: dice.next(), low: dice.next()))
            records.append(
                LoggedRecord(
                    record: Record(id: id, actor: actor, conversation: conversation, command: command), partition: 0,
                    offset: 0, appendTime: 2_000 + Int64(records.count)))
        }
        var sent: [(ConversationID, MessageID)] = []
        for number in 0..<300 {
            let conversation = ConversationID(Identifier(high: dice.next(), low: UInt64(number)))
            let others = number % 2 == 0 ? [members[1]] : [members[1], members[2]]
            add(
                members[0], conversation,
                .createConversation(CreateConversation(participants: others, title: nil, history: .fromJoin)))
            for _ in 0..<dice.below(4) {
                let message = MessageID(Identifier(high: dice.next(), low: dice.next()))
                let send = Send(
                    message: message, clientToken: [1], content: Sealed([1, 2, 3]),
                    digest: PayloadDigest(Identifier(high: 1, low: 1)), replyTo: nil, sentAt: nil, direct: nil)
                add(members[dice.below(2)], conversation, .send(send))
                sent.append((conversation, message))
            }
            if number % 7 == 0 {
                add(members[1], conversation, .removeParticipant(RemoveParticipant(member: members[1])))
            }
            if let (conversation, message) = sent.last, number % 3 == 0 {
                add(members[1], conversation, .read(Read(upTo: .message(message), isPrivate: false)))
            }
        }
        return records
    }
}
