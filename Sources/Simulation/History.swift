public import Messaging

/// A made-up history: records of both topics in an order in which a log may give them.
public struct History: Sendable {
    /// What the history was made from; says everything about it.
    public var seed: UInt64
    /// Each partition's records in the order of their offsets, which begin at 0.
    public var records: [LoggedRecord]

    public init(seed: UInt64, records: [LoggedRecord]) {
        self.seed = seed
        self.records = records
    }

    /// The same records in another order that keeps each partition's: any of these orders must give the same views.
    public func interleaved(using generator: inout Dice) -> [LoggedRecord] {
        var queues: [[LoggedRecord]] = []
        var queueOf: [LoggedRecord.Place: Int] = [:]
        for logged in records {
            let index = queueOf[logged.place] ?? queues.count
            if index == queues.count { queues.append([]) }
            queueOf[logged.place] = index
            queues[index].append(logged)
        }
        var taken = Array(repeating: 0, count: queues.count)
        var merged: [LoggedRecord] = []
        var open = Array(queues.indices)
        while !open.isEmpty {
            let index = generator.pick(open)
            for _ in 0...generator.below(6) where taken[index] < queues[index].count {
                merged.append(queues[index][taken[index]])
                taken[index] += 1
            }
            if taken[index] == queues[index].count { open.removeAll { $0 == index } }
        }
        return merged
    }
}

extension LoggedRecord {
    /// A partition of one of the two topics.
    struct Place: Hashable {
        var isPersonal: Bool
        var partition: Int32
    }

    var place: Place { Place(isPersonal: record.command.isPersonal, partition: partition) }
}
