public import EventLog
import Messaging
import Wire

/// A view as an audit sees it: what it has come to, and all its rows.
public struct AuditedView {
    public var name: String
    /// Whose commands it judges.
    public var topics: [Topic]
    /// Next offset by partition, looked up before the dump.
    public var positions: [TopicPartition: Int64]
    /// Gives every row in its canonical form.
    public var dump: ((DumpLine) -> Void) throws -> Void

    public init(
        name: String, topics: [Topic], positions: [TopicPartition: Int64],
        dump: @escaping ((DumpLine) -> Void) throws -> Void
    ) {
        self.name = name
        self.topics = topics
        self.positions = positions
        self.dump = dump
    }
}

/// A row of a view's dump: canonical JSON. Only what names commands is read of it.
public struct DumpLine: Sendable {
    private let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Every identifier that stands as a text of its own in the line, in its order.
    var identifiers: [Identifier] {
        var found: [Identifier] = []
        var start: Int?
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\"") {
            if let begin = start, index - begin == 36, let id = Identifier(text: bytes[begin..<index]) {
                found.append(id)
            }
            start = index + 1
        }
        return found
    }

    private func contains(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { word in bytes.firstRange(of: word) != nil }
    }

    /// Where the record stands that waits in this line for its message; `nil` in other lines.
    var waitingPosition: Position? {
        guard contains("\"table\":\"orphan\""), let value = try? JSONValue(parsing: bytes),
            case .int(let partition)? = value["partition"], case .int(let offset)? = value["record_offset"]
        else { return nil }
        return Position(TopicPartition(.conversationCommands, Int32(truncatingIfNeeded: partition)), offset)
    }
}
