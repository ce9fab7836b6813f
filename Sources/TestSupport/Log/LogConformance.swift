public import EventLog

/// What every log must do: a list of named checks that each log's tests run.
///
/// ```swift
/// @Test(arguments: LogConformance.checks)
/// func keepsTheContract(_ check: LogConformance.Check) throws { try check.run(fixture) }
/// ```
public enum LogConformance {
    /// One thing a log must do.
    public struct Check: Sendable, CustomStringConvertible {
        /// The sentence it proves.
        public let name: String
        let body: @Sendable (Bench) throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (Bench) throws -> Void) {
            self.name = name
            self.body = body
        }

        public var description: String { name }

        /// Runs the check on a new log.
        /// - Throws: `TestFailure` when the log does otherwise, or what the log threw unasked.
        public func run(_ fixture: LogFixture) throws {
            let log = try fixture.open()
            defer { log.close() }
            try body(Bench(fixture: fixture, log: log))
        }
    }

    public static let checks: [Check] = appending + reading + following + closing
}

/// How a log under test is had.
public struct LogFixture: Sendable {
    /// The clock of the logs it opens; `nil` when it cannot be set.
    public var clock: ManualClock?
    /// Makes a new, empty log.
    public var open: @Sendable () throws -> any EventLog
    /// Closes the log and opens the same again; a log that ends with its process gives itself.
    public var reopen: @Sendable (any EventLog) throws -> any EventLog
    /// Opens the same log once more, beside the first; a log that cannot be shared gives itself.
    public var another: @Sendable (any EventLog) throws -> any EventLog

    public init(
        clock: ManualClock?, open: @escaping @Sendable () throws -> any EventLog,
        reopen: @escaping @Sendable (any EventLog) throws -> any EventLog,
        another: @escaping @Sendable (any EventLog) throws -> any EventLog
    ) {
        self.clock = clock
        self.open = open
        self.reopen = reopen
        self.another = another
    }

    /// The fixture of a log that lives in one object.
    public static func single(clock: ManualClock?, _ open: @escaping @Sendable () throws -> any EventLog) -> LogFixture
    {
        LogFixture(clock: clock, open: open, reopen: { $0 }, another: { $0 })
    }
}

/// What a check works with: a new log and short forms for it.
struct Bench: Sendable {
    let fixture: LogFixture
    let log: any EventLog

    let first = TopicPartition(.conversationCommands, 0)
    let second = TopicPartition(.conversationCommands, 1)
    let other = TopicPartition(.memberCommands, 0)

    /// One record as tests write it.
    struct Sample: Equatable {
        var partition: TopicPartition
        var key: [UInt8]
        var value: [UInt8]

        init(_ partition: TopicPartition, key: [UInt8] = [], value: [UInt8] = []) {
            self.partition = partition
            self.key = key
            self.value = value
        }

        /// A record whose bytes say its number.
        init(_ partition: TopicPartition, number: Int, valueCount: Int = 40) {
            let digits = Array(String(number).utf8)
            self.init(
                partition, key: digits, value: digits + (0..<valueCount).map { UInt8(truncatingIfNeeded: number &+ $0) }
            )
        }
    }

    @discardableResult
    func append(_ samples: [Sample], to log: (any EventLog)? = nil) throws -> [Appended] {
        var batch = AppendBatch()
        for sample in samples { batch.add(to: sample.partition, key: sample.key, value: sample.value) }
        let answers = try (log ?? self.log).append(batch)
        try require(answers.count == samples.count, "\(samples.count) records, \(answers.count) answers")
        return answers
    }

    /// Everything a partition holds, with offsets and times, read in steps of `step` records.
    func readAll(
        _ partition: TopicPartition, of log: (any EventLog)? = nil, step: Int = 1_000
    ) throws -> [(sample: Sample, answer: Appended)] {
        let log = log ?? self.log
        var found: [(Sample, Appended)] = []
        var next = try log.startOffset(of: partition)
        while true {
            let batch = try log.read(partition, from: next, maxRecords: step, maxBytes: 1 << 20)
            if batch.isEmpty { return found }
            try require(batch.count <= step, "\(batch.count) records, at most \(step) asked for")
            try require(batch.partition == partition, "a read of \(partition) gives \(batch.partition)")
            batch.forEachRecord { record in
                found.append(
                    (
                        Sample(partition, key: Array(record.key), value: Array(record.value)),
                        Appended(offset: record.offset, appendTime: record.appendTime)
                    ))
            }
            try require(batch.nextOffset > next, "a read of \(batch.count) records does not go on from \(next)")
            next = batch.nextOffset
        }
    }

    /// Checks that a partition holds exactly these records with these answers.
    func expect(
        _ samples: [Sample], _ answers: [Appended], in partition: TopicPartition, of log: (any EventLog)? = nil,
        step: Int = 1_000
    ) throws {
        let wanted = zip(samples, answers).filter { $0.0.partition == partition }
        let found = try readAll(partition, of: log, step: step)
        try require(found.count == wanted.count, "\(partition) holds \(found.count) records, not \(wanted.count)")
        for (place, pair) in zip(found, wanted).enumerated() {
            let (one, expected) = pair
            try require(one.sample == expected.0, "record \(place) of \(partition) has other bytes than were appended")
            try require(
                one.answer == expected.1,
                "record \(place) of \(partition) stands at \(one.answer), answered \(expected.1)")
        }
    }

    /// Runs what must be refused.
    func refusal(_ code: LogError.Code, _ work: String, _ body: () throws -> Void) throws -> LogError {
        do { try body() } catch let error as LogError {
            try require(error.code == code, "\(work) is refused with \(error.code), not \(code): \(error)")
            return error
        }
        throw TestFailure("\(work) is not refused")
    }
}
