import EventLog
import Messaging
import PersonalMetadata
import Projection
import Replay
import SharedContent
import ViewStorage
import Wire

extension RowDifference {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("view")
        writer.string(view.rawValue)
        writer.key("table")
        writer.string(table)
        writer.key("difference")
        writer.string(kind.rawValue)
        writer.key("key")
        writer.beginObject()
        for field in key {
            writer.key(Array(field.name.utf8))
            write(field.value, of: field.name, to: &writer)
        }
        writer.endObject()
        writer.key("fields")
        writer.beginArray()
        for change in changes {
            writer.beginObject()
            writer.key("field")
            writer.string(change.name)
            writer.key("live")
            write(change.live, of: change.name, to: &writer)
            writer.key("rebuilt")
            write(change.rebuilt, of: change.name, to: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    /// Identifiers and numbers as they are; of anything else, which may be content, only how long it is and a fingerprint.
    private func write(_ value: StoredValue, of column: String, to writer: inout JSONWriter) {
        switch value {
        case .null: writer.null()
        case .integer(let number): writer.int(number)
        case .bytes(let bytes), .text(let bytes):
            if let id = Self.identifier(bytes), isIdentifier(column) { return writer.id(id) }
            var hash = RowHash(seed: 0)
            bytes.withUnsafeBytes { hash.add($0) }
            writer.beginObject()
            writer.key("bytes")
            writer.int(bytes.count)
            writer.key("fingerprint")
            writer.string(String(hash.digest.text.prefix(16)))
            writer.endObject()
        }
    }

    var text: String {
        let place = key.map { "\($0.name) \(text($0.value, of: $0.name))" }.joined(separator: ", ")
        let fields = changes.map {
            "\($0.name) live \(text($0.live, of: $0.name)), rebuilt \(text($0.rebuilt, of: $0.name))"
        }
        return "\(table): \(kind.rawValue): \(place)" + (fields.isEmpty ? "" : ": \(fields.joined(separator: "; "))")
    }

    private func text(_ value: StoredValue, of column: String) -> String {
        var writer = JSONWriter()
        write(value, of: column, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func isIdentifier(_ column: String) -> Bool {
        let tables = view == .shared ? SharedContentSchema.canonical : PersonalMetadataSchema.canonical
        let known = tables.first { $0.name == table }?.columns.first { $0.name == column }
        if case .id? = known?.form { return true }
        return false
    }

    private static func identifier(_ bytes: [UInt8]) -> MemberID? {
        guard bytes.count == 16 else { return nil }
        let words = bytes.withUnsafeBytes {
            (
                UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        return MemberID(Identifier(high: words.0, low: words.1))
    }
}

extension ReplayAnswer {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("view")
        writer.string(view.rawValue)
        writer.key("generation")
        writer.int(generation)
        writer.key("outcome")
        writer.string(outcome.rawValue)
        writer.key("equal")
        if let comparison { writer.bool(comparison.isEqual) } else { writer.null() }
        writer.key("differences")
        if let comparison { writer.int(comparison.differences) } else { writer.null() }
        writer.key("digest")
        if let comparison { writer.string(comparison.rebuiltDigest.text) } else { writer.null() }
        writer.key("rows")
        if let comparison { writer.int(comparison.rebuiltRows) } else { writer.null() }
        writer.key("accepted")
        if let accepted { writer.string(accepted) } else { writer.null() }
        writer.key("records")
        writer.int(records)
        writer.key("seconds")
        writer.number(seconds)
        writer.key("recordsPerSecond")
        writer.int(rate)
        writer.key("memory")
        writer.int(memoryBytes)
        writer.key("peakMemory")
        writer.int(peakBytes)
        writeLists(to: &writer)
        writer.endObject()
    }

    private func writeLists(to writer: inout JSONWriter) {
        for (key, records) in [("undecodable", undecodable), ("parkedOnlyLive", parkedOnlyLive)] {
            writer.key(Array(key.utf8))
            writer.beginArray()
            for record in records {
                writer.beginObject()
                writer.key("position")
                writer.string("\(record.position)")
                writer.key("reason")
                writer.string(record.reason)
                writer.key("parkedLive")
                writer.bool(record.isParkedLive)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.key("positions")
        writer.beginArray()
        for (partition, offset) in positions.sorted(by: { $0.key < $1.key }) {
            writer.string("\(Position(partition, offset))")
        }
        writer.endArray()
    }

    private var rate: Int { Int(Double(records) / max(seconds, 0.001)) }

    var lines: [String] {
        var lines = undecodable.map { record in
            "\(view.rawValue): cannot be applied: \(record.position): \(record.reason)"
                + (record.isParkedLive ? " (parked by the live view, too)" : " (NOT parked by the live view)")
        }
        lines += parkedOnlyLive.map { record in
            "\(view.rawValue): parked by the live view, but can be applied: \(record.position): \(record.reason)"
        }
        let work =
            "\(records) records in \(Int(seconds.rounded(.up))) s (\(rate)/s), at most \(peakBytes >> 20) MiB in memory "
            + "(--memory \(memoryBytes >> 20) and the store's cache)"
        let compared =
            comparison.map { found in
                found.isEqual
                    ? "equal, \(found.rebuiltRows) rows, digest \(found.rebuiltDigest.text)"
                    : "\(found.differences) rows differ"
            } ?? "no live view to compare with"
        switch outcome {
        case .swapped:
            lines.append("\(view.rawValue): \(compared): generation \(generation) is active now; \(work)")
        case .built: lines.append("\(view.rawValue): built as it was then; \(work)")
        case .differs where isVerification, .equal:
            lines.append("\(view.rawValue): \(compared); \(work)")
        case .differs:
            lines.append(
                "\(view.rawValue): \(compared): the live view stays; generation \(generation) waits for "
                    + "parley replay --accept REASON; \(work)")
        }
        return lines
    }
}

extension ReplayPlan {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("view")
        writer.string(view.rawValue)
        writer.key("generation")
        writer.int(generation)
        writer.key("records")
        writer.int(records)
        writer.key("diskNeeded")
        writer.int(diskNeeded)
        writer.key("diskFree")
        if let diskFree { writer.int(diskFree) } else { writer.null() }
        writer.key("seconds")
        writer.number(seconds)
        writer.endObject()
    }

    var lines: [String] {
        [
            "\(view.rawValue): generation \(generation) from \(records) records: about \(Int(seconds.rounded(.up))) s and "
                + "\(diskNeeded) bytes on disk" + (diskFree.map { ", of \($0) free" } ?? "")
        ]
    }
}
