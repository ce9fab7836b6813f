public import Messaging

/// A record in bytes: format version 1 of Schemas/record.proto.
///
/// Encoding and decoding are exact inverses. Decoding any bytes ends in a record or a `WireError`: it never traps, and
/// its time and memory are bounded by the input's size. No state, so any thread may call.
public enum RecordCodec {
    /// What `encode` writes and the only version that `decode` reads.
    public static let formatVersion: UInt32 = 1

    /// Appends the record's one encoding.
    /// - Throws: `tooLarge` above `Limits.recordBytes` or `Limits.verdictsPerRecord`, `notText` when a text of the record
    ///   is not UTF-8; nothing is appended then. Such a record could not be read again.
    public static func encode(_ record: Record, into output: inout [UInt8]) throws(WireError) {
        try checkText(of: record)
        guard record.verdicts.count <= Limits.verdictsPerRecord else {
            throw WireError(
                .tooLarge, "\(record.verdicts.count) hook verdicts; a record has at most \(Limits.verdictsPerRecord)")
        }
        let message = ParleyV1.Record(record)
        let size = message.encodedSize
        guard size <= Limits.recordBytes else { throw tooLarge(size) }
        ProtobufWriter.append(size, to: &output) { writer in message.encode(into: &writer) }
    }

    /// Reads one record, which must be all of `bytes`.
    /// - Throws: `unknown` when a newer Parley wrote it, else what is wrong with it. Such a record is to be parked.
    public static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Record {
        guard bytes.count <= Limits.recordBytes else { throw tooLarge(bytes.count) }
        let message: ParleyV1.Record
        do throws(ProtobufFault) {
            message = try ParleyV1.Record(ProtobufReader(bytes))
        } catch {
            // Another version may have fields of other types: that it is another version is what matters then.
            if let version = formatVersion(of: bytes), version != formatVersion { throw wrongVersion(version) }
            throw WireError(error)
        }
        guard message.formatVersion == formatVersion else { throw wrongVersion(message.formatVersion) }
        return try message.record()
    }

    private static func tooLarge(_ size: Int) -> WireError {
        WireError(.tooLarge, "a record of \(size) bytes; the limit is \(Limits.recordBytes)")
    }

    private static func wrongVersion(_ version: UInt32) -> WireError {
        version == 0
            ? WireError(.malformed, "these bytes say no format version: they are not a record")
            : WireError(.unknown, "format version \(version); this program reads \(formatVersion): upgrade it")
    }

    /// The last format version that the bytes give before they end or break.
    private static func formatVersion(of bytes: UnsafeRawBufferPointer) -> UInt32? {
        var reader = ProtobufReader(bytes)
        var version: UInt32?
        do throws(ProtobufFault) {
            while let tag = try reader.tag() {
                if tag == 8 {
                    version = UInt32(exactly: try reader.varint("Record.format_version"))
                } else {
                    try reader.skip(tag)
                }
            }
        } catch {
            return version
        }
        return version
    }

    private static func checkText(of record: Record) throws(WireError) {
        switch record.command {
        case .send(let send):
            try checkText(send.clientToken, "Send.client_token")
            if let sentAt = send.sentAt { try checkText(sentAt, "Send.sent_at") }
        case .delete(let delete):
            if let reason = delete.reason { try checkText(reason, "Delete.reason") }
        case .react(let react): try checkText(react.reaction, "React.reaction")
        default: break
        }
        for verdict in record.verdicts {
            try checkText(verdict.hook, "HookVerdict.hook")
            try checkText(verdict.version, "HookVerdict.version")
        }
        if let traceParent = record.traceParent { try checkText(traceParent, "Record.trace_parent") }
    }

    private static func checkText(_ text: [UInt8], _ place: StaticString) throws(WireError) {
        guard text.withUnsafeBytes({ UTF8Check.firstFault(in: $0) }) == nil else {
            throw WireError(ProtobufFault(.notUTF8, place))
        }
    }
}
