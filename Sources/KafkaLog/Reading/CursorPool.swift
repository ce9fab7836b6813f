import CRDKafka
import EventLog

/// The cursors of a log: several readers of one partition, each at its own position, have one each.
///
/// No more of them fetch at the same time than the allowance has room for; who wants to begin then stops the one that was
/// not read for longest.
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
        fileprivate var isTaken = false
        /// It fetches, or is about to.
        fileprivate var isFetching = false
        fileprivate var sequentialReads = 0
        fileprivate var lastUse: Int64 = 0

        fileprivate init(_ cursor: PartitionCursor) { self.cursor = cursor }
    }

    private let settings: KafkaSettings
    private let counts: PartitionCounts
    private let allowance: FetchAllowance
    private let overruns: Overruns
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var clients: [KafkaClient] = []
    private var seats: [[Seat?]] = []
    private var taken = 0
    private var isClosed = false
    private var statisticsNanos: Int64 = 0
    private let statistics: StatisticsBoard

    /// - Parameter observe: told in words when more came at once than the allowance has.
    init(
        _ settings: KafkaSettings, _ counts: PartitionCounts, _ statistics: StatisticsBoard,
        observe: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.counts = counts
        self.statistics = statistics
        allowance = settings.allowance(counts)
        overruns = Overruns(allowance, observe)
    }

    /// A cursor for a read from an offset: one that is there, else one that nobody follows with, else a new one.
    /// - Throws: `closed`.
    func take(_ partition: TopicPartition, index: Int, from offset: Int64) throws -> Seat {
        let (seat, evicted) = try monitor.withLock {
            takeStatistics()
            while true {
                if isClosed { throw LogError.closed("the log on \(settings.brokers)") }
                if let seat = try find(partition, index, from: offset), let evicted = makeRoom(for: seat) {
                    return (seat, evicted.first)
                }
                monitor.wait()
            }
        }
        if let evicted {
            evicted.cursor.stop()
            giveBack(evicted)
        }
        return seat
    }

    /// Takes a seat, and the one whose fetching has to end first.
    /// - Returns: that one, or none; `nil` when all that fetch are being read, and nothing was taken.
    private func makeRoom(for seat: Seat) -> [Seat]? {
        var evicted: [Seat] = []
        if !seat.isFetching {
            let fetching = seats.joined().compactMap { $0 }.filter(\.isFetching)
            if fetching.count >= allowance.partitions {
                guard let idle = fetching.filter({ !$0.isTaken }).min(by: { $0.lastUse < $1.lastUse }) else {
                    return nil
                }
                evicted = [idle]
            }
        }
        seat.isFetching = true
        for one in [seat] + evicted { one.isTaken = true }
        taken += 1 + evicted.count
        return evicted
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
                    settings.consumerProperties(allowance) + settings.statisticsProperties,
                    events: settings.statisticsMillis == 0 ? 0 : RD_KAFKA_EVENT_STATS))
            seats.append(Array(repeating: nil, count: counts.total))
            place = clients.count - 1
        }
        guard let place else { return nil }
        let seat = Seat(
            PartitionCursor(
                partition, clients[place], settings, allowance,
                observeOverrun: { [overruns] in overruns.note($0, $1) }))
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

    /// What there is of readers alone: what they took and did not give, and what they may hold.
    func addOwn(to statistics: inout KafkaStatistics) {
        statistics.bytesFetched += monitor.withLock {
            seats.joined().reduce(0) { $0 + Int64($1?.cursor.unreadBytes ?? 0) }
        }
        statistics.bytesFetchedAtMost = Int64(allowance.totalBytes)
        statistics.overruns = overruns.count
    }

    func giveBack(_ seat: Seat) {
        monitor.withLock {
            seat.isTaken = false
            seat.isFetching = seat.cursor.isFetching
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
