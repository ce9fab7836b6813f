import EventLog
import Messaging
import Projection

/// Records of some keys of one partition, in order, up to a bound: read in pages, so that memory is that of a page.
final class SelectedRecords {
    private static let pageRecords = 4_096
    private static let pageBytes = 4 << 20

    let partition: TopicPartition
    private let log: any EventLog
    private let bound: Int64
    private let keys: Set<Identifier>
    private let read: (Int) throws -> Void
    /// Where reading goes on.
    private var place: Int64 = 0
    private var page: [ProjectionBatch.Item] = []
    private var taken = 0

    /// - Parameter read: told how many records were read each time, those of other keys too; may throw to stop.
    init(
        _ partition: TopicPartition, to bound: Int64, keys: Set<Identifier>, in log: any EventLog,
        read: @escaping (Int) throws -> Void
    ) {
        self.partition = partition
        self.bound = bound
        self.keys = keys
        self.log = log
        self.read = read
    }

    /// The next record, left in place; `nil` at the bound.
    func peek() throws -> ProjectionBatch.Item? {
        while taken == page.count {
            guard place < bound else { return nil }
            try readPage()
        }
        return page[taken]
    }

    /// Takes the next record; `nil` at the bound.
    func next() throws -> ProjectionBatch.Item? {
        guard let item = try peek() else { return nil }
        taken += 1
        return item
    }

    private func readPage() throws {
        let batch = try log.read(
            partition, from: place, maxRecords: Int(min(bound - place, Int64(Self.pageRecords))),
            maxBytes: Self.pageBytes)
        guard batch.nextOffset > place else {
            throw TimeTravelError(.invalid, "\(partition) ends before offset \(bound): the log was cut or changed")
        }
        page.removeAll(keepingCapacity: true)
        taken = 0
        batch.forEachRecord { entry in
            guard entry.offset < bound, let key = Identifier(bytes: entry.key), keys.contains(key) else { return }
            page.append(ProjectionBatch.Item(entry, of: partition))
        }
        try read(batch.count)
        place = batch.nextOffset
    }
}

extension ProjectionBatch.Item {
    var appendTime: Int64 {
        switch self {
        case .record(let logged): logged.appendTime
        case .unreadable(let record): record.appendTime
        }
    }

    var offset: Int64 {
        switch self {
        case .record(let logged): logged.offset
        case .unreadable(let record): record.offset
        }
    }
}
