/// How a record of `legacy-writes` says what the legacy system wrote: a plug-in for each form.
///
/// A format holds no state: the same bytes always mean the same. Any thread may use it.
public protocol LegacyFormat: Sendable {
    /// What people call it in options and messages.
    var name: String { get }

    /// Reads a record.
    ///
    /// - Parameters:
    ///   - key: the record's key.
    ///   - value: the record's value; empty for a tombstone.
    /// - Throws: `LegacyError` with `malformed` or `unknown`; the message says which field and holds no content.
    func decode(key: [UInt8], value: [UInt8]) throws(LegacyError) -> DecodedWrite

    /// The thread that a record belongs to, found without judging the rest of it: what cannot be decoded waits in this
    /// thread's lane. The same as of the row that ``decode(key:value:)`` gives.
    ///
    /// A record that does not even say that gets its key's bytes, a lane of its own.
    func thread(key: [UInt8], value: [UInt8]) -> [UInt8]
}

/// What a record of `legacy-writes` says.
public enum DecodedWrite: Hashable, Sendable {
    case write(LegacyWrite)
    /// Nothing to apply, and why: `tombstone`, `backfill` (only ids were written back), `heartbeat`, `otherTable`.
    case nothing(reason: String)
}

/// Our own two forms, told apart by their first byte: `{` begins JSON, the tag of `format_version` protobuf.
public struct OwnFormat: LegacyFormat {
    public let name = "parley"

    public init() {}

    public func thread(key: [UInt8], value: [UInt8]) -> [UInt8] { key }

    public func decode(key: [UInt8], value: [UInt8]) throws(LegacyError) -> DecodedWrite {
        guard let first = value.first else { return .nothing(reason: "tombstone") }
        let write = first == UInt8(ascii: "{") ? try LegacyWrite(json: value) : try LegacyWrite(protobuf: value)
        guard key.isEmpty || key == write.thread else {
            throw LegacyError(.malformed, "the key of the record is not the thread of its row: mend the producer")
        }
        return .write(write)
    }
}
