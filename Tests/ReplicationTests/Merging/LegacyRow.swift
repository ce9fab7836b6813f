import LegacyMailbox

/// One row of the legacy store through its life: each operation gives the after-image that the outbox would carry.
struct LegacyRow {
    /// What can be done to a row. Each makes sense in any order; one that changes nothing writes the same image again.
    typealias Operation = @Sendable (inout LegacyWrite.Row, _ now: Int64) -> Void

    /// The writes of a row that is inserted and then undergoes operations, ten microseconds apart, from a time on.
    static func writes(_ row: LegacyWrite.Row, _ operations: [Operation], from start: Int64) -> [LegacyWrite] {
        var row = row
        var writes = [LegacyWrite(.insert, row, sourceVersion: start)]
        for (index, operation) in operations.enumerated() {
            let now = start + 10 * Int64(index + 1)
            operation(&row, now)
            writes.append(LegacyWrite(.update, row, sourceVersion: now))
        }
        return writes
    }

    static let thread = Array("t1".utf8)
    static let (ada, bob, cyd) = (Array("ada".utf8), Array("bob".utf8), Array("cyd".utf8))

    static func copy(of owner: [UInt8], key: String = "m1", sender: [UInt8] = ada, sentAt: Int64) -> LegacyCopy {
        LegacyCopy(
            thread: thread, owner: owner, copyID: owner + Array(key.utf8), deduplicationKey: Array(key.utf8),
            folder: LegacyFolder.inbox, sender: sender, recipients: [ada, bob].filter { $0 != sender }, subject: [],
            body: Array("hello".utf8), sentAt: sentAt)
    }

    static func participant(_ owner: [UInt8], joinedAt: Int64) -> LegacyParticipant {
        LegacyParticipant(
            thread: thread, owner: owner, joinedAt: joinedAt, leftAt: nil, folder: LegacyFolder.inbox)
    }

    static let copyOperations: [Operation] = [
        onCopy { copy, now in copy.readAt = now },
        onCopy { copy, _ in copy.readAt = nil },
        onCopy { copy, _ in copy.starred.toggle() },
        onCopy { copy, now in
            guard copy.deletion != .everyone else { return }
            copy.body = Array("edited at \(now)".utf8)
            copy.editedAt = now
        },
        onCopy { copy, _ in if copy.deletion == .none { copy.deletion = .own } },
        onCopy { copy, _ in if copy.deletion == .own { copy.deletion = .none } },
        onCopy { copy, _ in
            copy.deletion = .everyone
            copy.deletedBy = bob
            copy.body = nil
        },
    ]

    static let participantOperations: [Operation] = [
        onParticipant { row, now in if row.leftAt == nil { row.leftAt = now } },
        onParticipant { row, now in
            guard row.leftAt != nil else { return }
            row.joinedAt = now
            row.leftAt = nil
        },
        onParticipant { row, _ in row.folder = LegacyFolder.archive },
        onParticipant { row, _ in row.folder = LegacyFolder.inbox },
    ]

    static let threadOperations: [Operation] = [
        { row, now in
            guard case .thread(var thread) = row else { return }
            thread.subject = Array("title of \(now)".utf8)
            row = .thread(thread)
        },
        { row, _ in
            guard case .thread(var thread) = row else { return }
            thread.subject = []
            row = .thread(thread)
        },
    ]

    private static func onCopy(_ body: @escaping @Sendable (inout LegacyCopy, Int64) -> Void) -> Operation {
        { row, now in
            guard case .copy(var copy) = row else { return }
            body(&copy, now)
            row = .copy(copy)
        }
    }

    private static func onParticipant(_ body: @escaping @Sendable (inout LegacyParticipant, Int64) -> Void) -> Operation
    {
        { row, now in
            guard case .participant(var participant) = row else { return }
            body(&participant, now)
            row = .participant(participant)
        }
    }
}

/// Every sequence of so many choices.
func sequences<Choice>(_ choices: [Choice], count: Int) -> [[Choice]] {
    guard count > 0 else { return [[]] }
    return sequences(choices, count: count - 1).flatMap { head in choices.map { head + [$0] } }
}

/// Every order of some things.
func permutations<Thing>(_ things: [Thing]) -> [[Thing]] {
    guard things.count > 1 else { return [things] }
    return things.indices.flatMap { index in
        var others = things
        let first = others.remove(at: index)
        return permutations(others).map { [first] + $0 }
    }
}
