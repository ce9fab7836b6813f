import Arguments
import EventLog
import LegacyMailbox
import Wire

/// `parley legacy append FILE`: records of any form into `legacy-writes`, for whoever captures changes without Kafka.
struct LegacyAppend {
    let log: any EventLog
    /// Of captured changes.
    let mapping: LegacyMapping

    private static let batchLines = 2_000

    /// Reads a line a record, `{"key":TEXT,"value":TEXT}`, and appends them in their order; a value that is empty or null
    /// is a tombstone. The partition is that of the thread, also where a captured change's key says more, such as the name of
    /// its table: one thread's writes stay in order. Nothing of a batch of 2,000 lines is appended when one of them is no record.
    func run(_ words: [String], _ console: Console) throws -> ExitCode {
        guard words.count == 1 else { throw Failure(.wrongUsage, "legacy: give append FILE, or - for standard input") }
        let text = try InputFile.readAll(words[0], limit: 1 << 30)
        var batch = AppendBatch()
        var count = 0
        for (index, line) in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if line.allSatisfy({ $0 == 32 || $0 == 9 || $0 == 13 }) { continue }
            try add(Array(line), "\(words[0]):\(index + 1)", to: &batch)
            count += 1
            if batch.count == Self.batchLines || batch.bytes.count > LogLimits.batchBytes / 2 { try append(&batch) }
        }
        try append(&batch)
        try console.output.writeLine("{\"appended\":\(count)}")
        return .done
    }

    private func add(_ line: [UInt8], _ place: String, to batch: inout AppendBatch) throws {
        guard let object = try? JSONValue(parsing: line), case .string(let key)? = object["key"] else {
            throw Failure(.badInput, "\(place): is no JSON object with a text \"key\": mend it")
        }
        var value: [UInt8] = []
        switch object["value"] {
        case .string(let text)?: value = text
        case nil, .null?: break
        default: throw Failure(.badInput, "\(place): \"value\" is neither a text nor null: mend it")
        }
        guard key.count <= LogLimits.keyBytes, value.count <= LogLimits.recordBytes else {
            throw Failure(.badInput, "\(place): is larger than a record may be")
        }
        let isObject = key.first == UInt8(ascii: "{")
        let thread = isObject ? DebeziumFormat(mapping: mapping).thread(key: key, value: value) : key
        let partition = thread.withUnsafeBytes {
            Partitioner.partition(of: $0, count: log.partitionCounts.legacyWrites)
        }
        batch.add(to: TopicPartition(.legacyWrites, partition), key: key, value: value)
    }

    private func append(_ batch: inout AppendBatch) throws {
        if !batch.isEmpty { _ = try log.append(batch) }
        batch.removeAll()
    }
}
