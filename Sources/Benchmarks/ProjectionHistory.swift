import EventLog
import Messaging

/// The records of the projection benchmark, made from a seed: one million over 20,000 conversations of which 60 % have
/// two members, the rest 3 to 40, and every 500th 300; a quarter of the records are reads.
struct ProjectionHistory {
    var conversations = 20_000
    var members = 20_000
    var sealedBytes = 330

    private struct Thread {
        var id: ConversationID
        var members: [Int]
        var recent: [(MessageID, sender: Int)] = []
    }

    /// Appends the whole history to a log, in batches of 10,000.
    /// - Returns: how many records were appended.
    func append(to log: any EventLog, records: Int, seed: UInt64) throws -> Int {
        var random = SplitMix(state: seed)
        var sink = RecordSink(log: log)
        let people = (0..<members).map { _ in MemberID(random.identifier()) }
        var threads: [Thread] = []
        for index in 0..<conversations {
            var thread = Thread(id: ConversationID(random.identifier()), members: [])
            let size = index % 500 == 0 ? 300 : index % 10 < 6 ? 2 : 3 + random.below(38)
            var chosen: Set<Int> = []
            while chosen.count < size { chosen.insert(random.below(members)) }
            thread.members = chosen.sorted()
            let create = CreateConversation(
                participants: thread.members.map { people[$0] }, title: Sealed(random.bytes(120)), history: .fromJoin)
            try sink.add(
                Record(
                    id: CommandID(random.identifier()), actor: people[thread.members[0]], conversation: thread.id,
                    command: .createConversation(create)))
            threads.append(thread)
        }
        for _ in conversations..<records {
            let index = random.below(conversations)
            let actor = threads[index].members[random.below(threads[index].members.count)]
            let command = next(&threads[index], actor: actor, &random)
            try sink.add(
                Record(
                    id: CommandID(random.identifier()), actor: people[command.actor], conversation: threads[index].id,
                    command: command.command))
        }
        try sink.flush()
        return records
    }

    private func next(_ thread: inout Thread, actor: Int, _ random: inout SplitMix) -> (actor: Int, command: Command) {
        let dice = random.below(100)
        guard let (message, sender) = thread.recent.last, dice < 35 else {
            let message = MessageID(random.identifier())
            thread.recent.append((message, actor))
            if thread.recent.count > 4 { thread.recent.removeFirst() }
            let send = Send(
                message: message, clientToken: Array("token-\(random.next())".utf8),
                content: Sealed(random.bytes(sealedBytes)),
                digest: PayloadDigest(random.identifier()), replyTo: nil, sentAt: Array("2026-01-01T00:00:00Z".utf8),
                direct: nil)
            return (actor, .send(send))
        }
        switch dice {
        case 0..<26: return (actor, .read(Read(upTo: .message(message), isPrivate: false)))
        case 26..<29:
            return (
                sender, .edit(Edit(message: message, content: Sealed(random.bytes(sealedBytes)), expectedVersion: nil))
            )
        case 29..<33: return (actor, .react(React(message: message, reaction: Array("+1".utf8), on: true)))
        case 33..<34: return (sender, .delete(Delete(message: message, version: nil, reason: nil)))
        default: return (actor, .star(Mark(message: message, on: true)))
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func identifier() -> Identifier { Identifier(high: next(), low: next()) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: next()) { bytes.append(contentsOf: $0) } }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
