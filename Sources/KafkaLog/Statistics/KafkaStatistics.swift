/// What the clients of a log on Kafka say of themselves, added up: for operators who look for what is slow or full.
///
/// Counters are of the clients that there are now: a new producer after an outage begins at 0.
public struct KafkaStatistics: Sendable, Equatable {
    /// A broker as the clients see it.
    public struct Broker: Sendable, Equatable {
        /// Time from a request to its answer, microseconds, over the last interval; 0 when nothing was asked.
        public var roundTripMicros: Int64
        /// The slowest hundredth.
        public var roundTripMicros99: Int64
        /// Whether a client that has asked it something is connected.
        public var isUp: Bool
    }

    /// Records and bytes given to a producer and not yet acknowledged.
    public internal(set) var recordsUnderWay: Int64 = 0
    public internal(set) var bytesUnderWay: Int64 = 0
    /// Records in the queues of readers, fetched ahead.
    public internal(set) var recordsFetched: Int64 = 0
    /// Bytes of keys and values that readers fetched ahead and did not give yet, in queues and taken out of them.
    public internal(set) var bytesFetched: Int64 = 0
    /// What ``bytesFetched`` may be, by `kafka.queued.max.messages.kbytes`.
    public internal(set) var bytesFetchedAtMost: Int64 = 0
    /// How often brokers gave a partition more at once than its part of that: batches too large for it, or compressed.
    public internal(set) var overruns: Int64 = 0
    /// Requests that brokers have not answered.
    public internal(set) var requestsUnderWay: Int64 = 0
    /// Requests that were sent again.
    public internal(set) var retries: Int64 = 0
    /// Requests that could not be sent, and answers that could not be read.
    public internal(set) var errors: Int64 = 0
    /// Requests that were not answered in time.
    public internal(set) var timeouts: Int64 = 0
    /// By `HOST:PORT`.
    public internal(set) var brokers: [String: Broker] = [:]

    public init() {}

    mutating func add(_ other: KafkaStatistics) {
        recordsUnderWay += other.recordsUnderWay
        bytesUnderWay += other.bytesUnderWay
        recordsFetched += other.recordsFetched
        bytesFetched += other.bytesFetched
        requestsUnderWay += other.requestsUnderWay
        retries += other.retries
        errors += other.errors
        timeouts += other.timeouts
        for (name, broker) in other.brokers {
            let known = brokers[name] ?? broker
            brokers[name] = Broker(
                roundTripMicros: max(known.roundTripMicros, broker.roundTripMicros),
                roundTripMicros99: max(known.roundTripMicros99, broker.roundTripMicros99),
                isUp: known.isUp || broker.isUp)
        }
    }
}

extension KafkaStatistics: CustomStringConvertible {
    /// One line for people.
    public var description: String {
        let places = brokers.sorted { $0.key < $1.key }.map { name, broker in
            broker.isUp
                ? "\(name) answers in \(Self.millis(broker.roundTripMicros)) ms "
                    + "(99%: \(Self.millis(broker.roundTripMicros99)))"
                : "\(name) is not connected"
        }
        return "appends under way \(recordsUnderWay) (\(bytesUnderWay) bytes), fetched ahead \(recordsFetched) "
            + "(\(bytesFetched) bytes of at most \(bytesFetchedAtMost), exceeded \(overruns) times), requests under way \(requestsUnderWay), retries \(retries), errors \(errors), "
            + "timeouts \(timeouts); \(places.joined(separator: ", "))"
    }

    private static func millis(_ micros: Int64) -> String {
        let tenths = (micros + 50) / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
