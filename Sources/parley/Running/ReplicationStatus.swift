import EventLog
import Replication
import Wire

/// How replication stands: the figures that alarms watch.
struct ReplicationStatus {
    let isRunning: Bool
    private var figures: ReplicationFigures
    private(set) var waiting = 0
    private(set) var dead = 0
    private(set) var parked = 0
    /// Records of `legacy-writes` behind the position.
    private(set) var gap: Int64 = 0
    /// Append time of the oldest legacy write that is neither applied nor skipped.
    private var oldestMicros: Int64?
    /// Legacy writes of one version with different content; `nil` when the shared view cannot be asked.
    private let versionConflicts: Int64?
    private let nowMicros: Int64

    /// - Throws: `ReplicationError`, `LogError`.
    init(store: any ReplicationStore, log: any EventLog, versionConflicts: Int64?, nowMicros: Int64) throws {
        self.nowMicros = nowMicros
        self.versionConflicts = versionConflicts
        isRunning = try store.isOwned()
        figures = try store.figures()
        for summary in try store.summaries() {
            if summary.lane.isDead { dead += 1 } else { waiting += 1 }
            parked += summary.parked
            if summary.parked > 0 { oldestMicros = min(oldestMicros ?? .max, summary.oldestMicros) }
        }
        for (partition, end) in try log.endOffsets() where partition.topic == .legacyWrites {
            let position = try figures.positions[partition] ?? log.startOffset(of: partition)
            guard position < end else { continue }
            gap += end - position
            let batch = try log.read(partition, from: position, maxRecords: 1, maxBytes: 1 << 20)
            batch.forEachRecord { oldestMicros = min(oldestMicros ?? .max, $0.appendTime) }
        }
    }

    var oldestSeconds: Int64? { oldestMicros.map { max(0, nowMicros - $0) / 1_000_000 } }

    var outageSeconds: Int64? {
        figures.standing?.outageSinceMillis.map { max(0, nowMicros / 1_000 - $0) / 1_000 }
    }

    /// What `read`, `applied`, ... grew to since the store was made.
    func count(_ name: String) -> Int64 { figures.counts[name] ?? 0 }

    /// `nil` before the first run.
    var intake: String? { figures.standing?.intake }

    var converters: [(name: String, count: Int64)] {
        figures.counts.compactMap { name, count in
            name.hasPrefix("converter.") ? (String(name.dropFirst("converter.".count)), count) : nil
        }.sorted { $0.0 < $1.0 }
    }

    var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("running")
        writer.bool(isRunning)
        writer.key("intake")
        if let intake { writer.string(intake) } else { writer.null() }
        writer.optional("outageSeconds", outageSeconds)
        writer.optional("oldestUnappliedSeconds", oldestSeconds)
        writer.optional("versionConflicts", versionConflicts)
        let counts: [(StaticString, Int64)] = [
            ("gap", gap), ("parked", Int64(parked)), ("lanesWaiting", Int64(waiting)), ("lanesDead", Int64(dead)),
            ("read", count("read")), ("applied", count("applied")), ("commands", count("commands")),
            ("failuresTransient", count("failures.transient")), ("failuresPermanent", count("failures.permanent")),
            ("failuresUnknown", count("failures.unknown")),
        ]
        for (key, value) in counts {
            writer.key(key)
            writer.int(value)
        }
        writer.key("converters")
        writer.beginArray()
        for (name, count) in converters {
            writer.beginObject()
            writer.key("converter")
            writer.string(name)
            writer.key("commands")
            writer.int(count)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    var text: String {
        var table = TextTable([("FIGURE", .left), ("VALUE", .right)])
        table.add(["running", isRunning ? "yes" : "no"])
        table.add(["intake", intake ?? ""])
        table.add(["outage", outageSeconds.map { "\($0) s" } ?? "no"])
        table.add(["oldest unapplied write", oldestSeconds.map { "\($0) s" } ?? "none"])
        table.add(["version conflicts", versionConflicts.map { "\($0)" } ?? "not known"])
        table.add(["records behind the position", "\(gap)"])
        table.add(["parked records", "\(parked)"])
        table.add(["lanes waiting, dead", "\(waiting), \(dead)"])
        for name in ["read", "applied", "commands", "failures.transient", "failures.permanent", "failures.unknown"] {
            table.add([name, "\(count(name))"])
        }
        for (name, count) in converters { table.add(["converter.\(name)", "\(count)"]) }
        return table.text
    }
}

extension JSONWriter {
    fileprivate mutating func optional(_ key: StaticString, _ value: Int64?) {
        self.key(key)
        if let value { int(value) } else { null() }
    }
}
