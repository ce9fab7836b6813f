import CRDKafka
import EventLog

/// The cursors of a log: several readers of one partition, each at its own position, have one each.
///
/// Threads: any; a cursor belongs to one thread between `take` and `giveBack`.
final class CursorPool: @unchecked Sendable {
    private static let maxClients = 4
    /// A cursor that was read in sequence is left to its reader for so long.
    private static let loyaltyNanos: Int64 = 5_000_000_000

    /// A cursor and what is known of its reader.
    final class Seat {
        let cursor: PartitionCursor
        // Below only under the pool's lock.
        fileprivate var isTaken = true
        fileprivate var sequentialReads = 0
        fileprivate var lastUse: Int64 = 0

        fileprivate init(_ cursor: PartitionCursor) { self.cursor = cursor }
    }

    private let settings: KafkaSettings
    private let counts: PartitionCounts
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var clients: [KafkaClient] = []
    private var seats: [[Seat?]] = []
    private var taken = 0
    private var isClosed = false
    private var statisticsNanos: Int64 = 0
    private let statistics: StatisticsBoard

    init(_ settings: KafkaSettings, _ counts: PartitionCounts, _ statistics: StatisticsBoard) {
        self.settings = settings
        self.counts = counts
        self.statistics = statistics
    }

    /// A cursor for a read from an offset: one that is there, else one that nobody follows with, else a new one.
    /// - Throws: `closed`.
    func take(_ partition: TopicPartition, index: Int, from offset: Int64) throws -> Seat {
        try monitor.withLock {
            takeStatistics()
            while true {
                if isClosed { throw LogError.closed("the log on \(settings.brokers)") }
                if let seat = try find(partition, index, from: offset) {
                    seat.isTaken = true
                    taken += 1
                    return seat
                }
                monitor.wait()
            }
        }
    }

    private func find(_ partition: TopicPartition, _ index: Int, from offset: Int64) throws -> Seat? {
        let idle = seats.compactMap { $0[index] }.filter { !$0.isTaken }
        if let there = idle.first(where: { $0.cursor.isFetching && $0.cursor.position == offset }) {
            there.sequentialReads += 1
            return there
        }
        let now = Monitor.nowNanos()
        let free = idle.first { $0.sequentialReads < 2 || now - $0.lastUse > Self.loyaltyNanos }
        let chosen = try free ?? newSeat(partition, index) ?? idle.min { $0.lastUse < $1.lastUse }
        chosen?.sequentialReads = 0
        return chosen
    }

    private func newSeat(_ partition: TopicPartition, _ index: Int) throws -> Seat? {
        var place = seats.firstIndex { $0[index] == nil }
        if place == nil, clients.count < Self.maxClients {
            clients.append(
                try KafkaClient(
                    .consumer, settings,
                    settings.consumerProperties(partitions: counts.total) + settings.statisticsProperties,
                    events: settings.statisticsMillis == 0 ? 0 : RD_KAFKA_EVENT_STATS))
            seats.append(Array(repeating: nil, count: counts.total))
            place = clients.count - 1
        }
        guard let place else { return nil }
        let seat = Seat(PartitionCursor(partition, clients[place], settings))
        seats[place][index] = seat
        return seat
    }

    /// Notes what the clients have to say, when it is time.
    func noteStatistics() { monitor.withLock { takeStatistics() } }

    private func takeStatistics() {
        guard settings.statisticsMillis > 0, !isClosed else { return }
        let now = Monitor.nowNanos()
        guard now - statisticsNanos >= Int64(settings.statisticsMillis) * 500_000 else { return }
        statisticsNanos = now
        for client in clients { client.noteStatistics(on: statistics) }
    }

    func giveBack(_ seat: Seat) {
        monitor.withLock {
            seat.isTaken = false
            seat.lastUse = Monitor.nowNanos()
            taken -= 1
            monitor.wakeAll()
        }
    }

    /// Waits until no read is under way and ends all clients.
    func close() {
        let (clients, seats) = monitor.withLock {
            isClosed = true
            monitor.wakeAll()
            while taken > 0 { monitor.wait() }
            defer { (self.clients, self.seats) = ([], []) }
            return (self.clients, self.seats)
        }
        for case let seat? in seats.joined() { seat.cursor.close() }
        for client in clients {
            statistics.forget(client)
            client.destroy()
        }
    }
}
