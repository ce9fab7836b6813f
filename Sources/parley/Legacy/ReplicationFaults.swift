import Arguments
import EventLog
import Glibc
import LegacyMailbox
import Messaging
import Replication

/// Faults that tests ask for; never set in a deployment.
///
/// `PARLEY_TEST_REPLICATION_FAULTS` holds words: `transient=PERCENT` (so many attempts of a write fail as if a server
/// were away), `poison=N` (every write of one thread in N fails for good), `log=FILE` (while FILE exists the log takes and gives
/// nothing), and for the relay `duplicate` (every batch is appended twice). Without the variable nothing here does
/// anything.
struct ReplicationFaults {
    private static let variable = "PARLEY_TEST_REPLICATION_FAULTS"

    private var transientPercent = 0
    private var poisonOneIn: UInt64 = 0
    private var logFile: String?
    private var duplicates = false

    /// - Throws: `Failure` for a word of no known form.
    private init?() throws {
        guard let text = Environment.variables()[Self.variable], !text.isEmpty else { return nil }
        for word in text.split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts[0], parts.count == 2 ? parts[1] : "") {
            case ("transient", let value): transientPercent = Int(value) ?? 0
            case ("poison", let value): poisonOneIn = UInt64(value) ?? 0
            case ("log", let value): logFile = value
            case ("duplicate", ""): duplicates = true
            default: throw Failure(.wrongConfiguration, "\(Self.variable): \(word): there is no such fault")
            }
        }
    }

    /// The translator, with the faults before it.
    static func translator() throws -> Translator {
        guard let faults = try ReplicationFaults() else { return Translator() }
        Console.complain("\(variable) is set: faults are made")
        return Translator(
            converters: [
                FaultConverter(transientPercent: faults.transientPercent, poisonOneIn: faults.poisonOneIn)
            ] + Translator.standard)
    }

    /// The log, away while the file is there, or taking everything twice.
    static func log(_ log: any EventLog) throws -> any EventLog {
        guard let faults = try ReplicationFaults(), faults.logFile != nil || faults.duplicates else { return log }
        return FaultyLog(log: log, file: faults.logFile, duplicates: faults.duplicates)
    }
}

/// Fails as it is told to; makes no commands.
private struct FaultConverter: Converter {
    let name = "fault"
    let useCase = "Tests see what is done about failures."
    var transientPercent: Int
    var poisonOneIn: UInt64

    func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        let lane = context.conversation
        if poisonOneIn > 0, lane.value.low % poisonOneIn == 0 {
            throw ReplicationError(.untranslatable, "poisoned by a test")
        }
        if transientPercent > 0, Int.random(in: 0..<100) < transientPercent {
            throw ReplicationError(.untranslatable, "a test's transient failure", isRetriable: true)
        }
    }
}

/// A log that is away while a file exists, or takes every batch twice.
private struct FaultyLog: EventLog {
    let log: any EventLog
    let file: String?
    let duplicates: Bool

    private func look() throws {
        guard let file, access(file, F_OK) == 0 else { return }
        throw LogError(.unavailable, "taken away by a test", isRetriable: true)
    }

    var partitionCounts: PartitionCounts { log.partitionCounts }

    func append(_ batch: AppendBatch) throws -> [Appended] {
        try look()
        if duplicates { _ = try log.append(batch) }
        return try log.append(batch)
    }

    func read(_ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int) throws -> LogBatch {
        try look()
        return try log.read(partition, from: offset, maxRecords: maxRecords, maxBytes: maxBytes)
    }

    func startOffset(of partition: TopicPartition) throws -> Int64 { try log.startOffset(of: partition) }

    func endOffset(of partition: TopicPartition) throws -> Int64 { try log.endOffset(of: partition) }

    func endOffsets() throws -> [TopicPartition: Int64] { try log.endOffsets() }

    func waitForRecords(past positions: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        try look()
        return try log.waitForRecords(past: positions, timeoutMillis: timeoutMillis)
    }

    func close() { log.close() }
}
