public import EventLog
public import LegacyMailbox
public import Messaging
import Wire

/// Proves that every legacy write before the position is applied, parked or skipped: each command it becomes must stand
/// in the command topics, found by its id.
public struct ReplicationAudit {
    public struct Finding: Sendable, Equatable {
        public var position: Position
        /// Why: what is missing.
        public var reason: String
    }

    public struct Result: Sendable, Equatable {
        public var checked = 0
        public var parked = 0
        public var skipped = 0
        /// At most 1,000 are kept.
        public var findings: [Finding] = []
        public var isSound: Bool { findings.isEmpty }
    }

    private let log: any EventLog
    private let format: any LegacyFormat
    private let translator: Translator
    private let identifiers: LegacyIdentifiers

    public init(
        log: any EventLog, format: any LegacyFormat, namespace: Identifier, translator: Translator = Translator()
    ) {
        self.log = log
        self.format = format
        self.translator = translator
        identifiers = LegacyIdentifiers(namespace: namespace)
    }

    /// Scans everything; memory for 16 bytes a replicated command.
    /// - Throws: `LogError`.
    public func run(_ stored: StoredLanes) throws -> Result {
        let known = try replicatedCommands()
        let parked = Set(stored.parked.map(\.position))
        var result = Result()
        for (partition, end) in stored.positions.sorted(by: { $0.key < $1.key }) {
            try scan(partition, until: end) { record, position in
                result.checked += 1
                if parked.contains(position) {
                    result.parked += 1
                } else if stored.skipped.contains(position) {
                    result.skipped += 1
                } else if let reason = fault(of: record, known), result.findings.count < 1_000 {
                    result.findings.append(Finding(position: position, reason: reason))
                }
            }
        }
        return result
    }

    private func fault(of record: Payload, _ known: Set<CommandID>) -> String? {
        do {
            guard case .write(let write) = try format.decode(key: record.key, value: record.value) else { return nil }
            let context = ConversionContext(identifiers: identifiers, nowMicros: record.appendMicros)
            let missing = try translator.translate(write, context).filter { !known.contains($0.id) }
            return missing.first.map { "its \($0.converter) command \($0.id) is not in the log" }
        } catch {
            return "it is not parked and cannot be applied: \(error)"
        }
    }

    private func replicatedCommands() throws -> Set<CommandID> {
        var ids: Set<CommandID> = []
        for (partition, end) in try log.endOffsets() where partition.topic != .legacyWrites {
            try scan(partition, until: end) { record, _ in
                // What cannot be decoded is nobody's command: the write that made it shows as missing.
                let decoded = record.value.withUnsafeBytes { try? RecordCodec.decode($0) }
                if let decoded, decoded.origin == .legacy { ids.insert(decoded.id) }
            }
        }
        return ids
    }

    private func scan(
        _ partition: TopicPartition, until end: Int64, _ body: (Payload, Position) -> Void
    ) throws {
        var offset = try log.startOffset(of: partition)
        while offset < end {
            let batch = try log.read(partition, from: offset, maxRecords: 5_000, maxBytes: 8 << 20)
            guard batch.nextOffset > offset else { return }
            batch.forEachRecord { record in
                guard record.offset < end else { return }
                body(
                    Payload(key: Array(record.key), value: Array(record.value), appendMicros: record.appendTime),
                    Position(partition, record.offset))
            }
            offset = batch.nextOffset
        }
    }
}
