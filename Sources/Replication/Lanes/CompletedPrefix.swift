import EventLog

/// Which records of a partition are settled (applied, parked or skipped), and up to where all of them are.
///
/// Records settle in any order; only the completed prefix may be committed.
struct CompletedPrefix: Sendable {
    /// A record's place in here.
    struct Ticket: Sendable, Equatable {
        var partition: TopicPartition
        var serial: Int
    }

    fileprivate struct Partition: Sendable {
        var offsets: [Int64] = []
        var isSettled: [Bool] = []
        /// Index of the first record that is not settled.
        var start = 0
        /// Serial of the record at index 0.
        var firstSerial = 0
        /// Where the partition has been read up to.
        var nextOffset: Int64
    }

    private var partitions: [TopicPartition: Partition] = [:]

    /// - Parameter positions: the committed ones: next offset by partition.
    init(positions: [TopicPartition: Int64]) {
        partitions = positions.mapValues { Partition(nextOffset: $0) }
    }

    /// Takes a record in the order of its partition.
    ///
    /// - Returns: `nil` when it was taken before.
    mutating func add(_ position: Position) -> Ticket? {
        let key = position.partition
        let index: Dictionary<TopicPartition, Partition>.Index
        if let known = partitions.index(forKey: key) {
            index = known
        } else {
            partitions[key] = Partition(nextOffset: position.offset)
            index = partitions.index(forKey: key)!
        }
        guard position.offset >= partitions.values[index].nextOffset else { return nil }
        partitions.values[index].offsets.append(position.offset)
        partitions.values[index].isSettled.append(false)
        partitions.values[index].nextOffset = position.offset + 1
        let serial = partitions.values[index].firstSerial + partitions.values[index].offsets.count - 1
        return Ticket(partition: key, serial: serial)
    }

    mutating func settle(_ ticket: Ticket) {
        guard let index = partitions.index(forKey: ticket.partition) else {
            preconditionFailure("a record of a partition that was never read")
        }
        partitions.values[index].settle(ticket.serial)
    }

    /// The offset up to which everything is settled, exclusively.
    func committed(_ partition: TopicPartition) -> Int64? {
        guard let found = partitions[partition] else { return nil }
        return found.start < found.offsets.count ? found.offsets[found.start] : found.nextOffset
    }

    var positions: [TopicPartition: Int64] {
        var all: [TopicPartition: Int64] = [:]
        for key in partitions.keys { all[key] = committed(key) }
        return all
    }
}

extension CompletedPrefix.Partition {
    fileprivate mutating func settle(_ serial: Int) {
        precondition(!isSettled[serial - firstSerial], "a record was settled twice")
        isSettled[serial - firstSerial] = true
        while start < offsets.count, isSettled[start] { start += 1 }
        if start > 1_024, start * 2 > offsets.count {
            offsets.removeFirst(start)
            isSettled.removeFirst(start)
            firstSerial += start
            start = 0
        }
    }
}
