public import EventLog
import Messaging
import Wire

/// Proves that every legacy write before the position is applied, parked or skipped: each command it becomes must stand
/// in the command topics, behind those of the lane's earlier writes, and every view that has come so far must have judged
/// it.
///
/// It reads everything once and asks each view for one dump. Memory: about 100 bytes a command of the sample.
public struct ReplicationAudit {
    public struct Finding: Sendable, Equatable {
        public var position: Position
        /// Why: what is missing.
        public var reason: String
    }

    public struct Result: Sendable, Equatable {
        /// Legacy writes of the sample before the position.
        public var checked = 0
        public var parked = 0
        public var skipped = 0
        /// Commands that the writes became, each counted once.
        public var commands = 0
        /// Commands that a view has judged, by view; those that a view has not come to yet are not among them.
        public var proven: [String: Int] = [:]
        /// Commands that a view has not come to yet, by view.
        public var ahead: [String: Int] = [:]
        /// At most 1,000 are kept.
        public var findings: [Finding] = []
        public var isSound: Bool { findings.isEmpty }

        mutating func add(_ finding: Finding) { if findings.count < 1_000 { findings.append(finding) } }
    }

    private let log: any EventLog
    private let records: LegacyRecords
    private let percent: UInt64

    /// - Parameter percent: how much is checked, 1 to 100: whole lanes, chosen by their ids.
    public init(log: any EventLog, records: LegacyRecords, percent: Int = 100) {
        self.log = log
        self.records = records
        self.percent = UInt64(min(max(percent, 1), 100))
    }

    /// Where a legacy write stood, and where its command stands.
    private struct Place {
        var write: Position
        /// Counts the commands in the order of their writes.
        var serial: Int
        var logged: Position?
        var conversation: ConversationID
    }

    /// - Parameter views: may be empty: then the log alone is checked.
    /// - Throws: `LogError`, and what a view's dump throws.
    public func run(_ stored: StoredLanes, views: [AuditedView]) throws -> Result {
        var result = Result()
        var wanted = try commands(of: stored, &result)
        result.commands = wanted.count
        try findInLog(&wanted)
        for (id, place) in wanted.sorted(by: { $0.value.write < $1.value.write }) where place.logged == nil {
            result.add(Finding(position: place.write, reason: "its command \(id) is not in the log"))
        }
        checkOrder(wanted, &result)
        for view in views { try check(view, wanted, &result) }
        return result
    }

    /// A lane's commands stand in each partition in the order of the writes they came from.
    private func checkOrder(_ wanted: [CommandID: Place], _ result: inout Result) {
        struct Line: Hashable {
            var lane: ConversationID
            var partition: TopicPartition
        }
        var last: [Line: Position] = [:]
        for (id, place) in wanted.sorted(by: { $0.value.serial < $1.value.serial }) {
            guard let logged = place.logged else { continue }
            let line = Line(lane: place.conversation, partition: logged.partition)
            if let before = last[line], before.offset > logged.offset {
                let reason = "its command \(id) is at \(logged), before \(before), which came of an earlier write"
                result.add(Finding(position: place.write, reason: reason))
            } else {
                last[line] = logged
            }
        }
    }

    private func isInSample(_ lane: ConversationID) -> Bool { lane.value.low % 100 < percent }

    private func commands(of stored: StoredLanes, _ result: inout Result) throws -> [CommandID: Place] {
        let parked = Set(stored.parked.map(\.position))
        var wanted: [CommandID: Place] = [:]
        for (partition, end) in stored.positions.sorted(by: { $0.key < $1.key }) {
            try scan(partition, until: end) { record, position in
                guard isInSample(records.lane(key: record.key, value: record.value)) else { return }
                result.checked += 1
                if parked.contains(position) {
                    result.parked += 1
                } else if stored.skipped.contains(position) {
                    result.skipped += 1
                } else {
                    do {
                        for command in try records.commands(of: record) where wanted[command.id] == nil {
                            wanted[command.id] = Place(
                                write: position, serial: wanted.count, logged: nil, conversation: command.conversation)
                        }
                    } catch {
                        result.add(
                            Finding(position: position, reason: "it is not parked and cannot be applied: \(error)"))
                    }
                }
            }
        }
        return wanted
    }

    /// Notes where each command stands first.
    private func findInLog(_ wanted: inout [CommandID: Place]) throws {
        for (partition, end) in try log.endOffsets() where partition.topic != .legacyWrites {
            try scan(partition, until: end) { record, position in
                // What cannot be decoded is nobody's command: the write that made it shows as missing.
                let decoded = record.value.withUnsafeBytes { try? RecordCodec.decode($0) }
                guard let decoded, decoded.origin == .legacy, wanted[decoded.id]?.logged == nil else { return }
                wanted[decoded.id]?.logged = position
            }
        }
    }

    private func check(_ view: AuditedView, _ wanted: [CommandID: Place], _ result: inout Result) throws {
        var open: [CommandID: Place] = [:]
        for (id, place) in wanted {
            guard let logged = place.logged, view.topics.contains(logged.partition.topic) else { continue }
            if logged.offset < view.positions[logged.partition] ?? 0 {
                open[id] = place
            } else {
                result.ahead[view.name, default: 0] += 1
            }
        }
        let count = open.count
        var waiting: Set<Position> = []
        try view.dump { line in
            for id in line.identifiers { open[CommandID(id)] = nil }
            if let position = line.waitingPosition { waiting.insert(position) }
        }
        for (id, place) in open where waiting.contains(place.logged!) { open[id] = nil }
        result.proven[view.name] = count - open.count
        for (id, place) in open.sorted(by: { $0.value.write < $1.value.write }) {
            let reason = "its command \(id) is at \(place.logged!), but the \(view.name) view does not know it"
            result.add(Finding(position: place.write, reason: reason))
        }
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
