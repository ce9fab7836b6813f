package import Messaging

/// Reads the fields of one protobuf message in place.
///
/// Never reads outside the bytes it was given, never traps, and never recurses: nesting is the generated code's, which
/// is as deep as the schema. The bytes must outlive the reader.
package struct ProtobufReader {
    private var cursor: UnsafeRawPointer
    private let end: UnsafeRawPointer

    package init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any one does, as nothing is read from it.
        let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        self.init(from: start, to: start + bytes.count)
    }

    private init(from cursor: UnsafeRawPointer, to end: UnsafeRawPointer) {
        self.cursor = cursor
        self.end = end
    }

    /// Bytes not read yet.
    package var remaining: Int { end - cursor }

    /// The next field's tag (number times 8 plus wire type), or `nil` at the end.
    @inline(__always)
    package mutating func tag() throws(ProtobufFault) -> UInt32? {
        guard cursor < end else { return nil }
        let first = cursor.load(as: UInt8.self)
        if first < 0x80 && first >= 8 {
            cursor += 1
            return UInt32(first)
        }
        return try longTag()
    }

    private mutating func longTag() throws(ProtobufFault) -> UInt32 {
        let raw = try varint("tag")
        guard raw <= UInt64(UInt32.max), raw >= 8 else { throw ProtobufFault(.badFieldNumber, "tag") }
        return UInt32(truncatingIfNeeded: raw)
    }

    /// At most ten bytes, of which the tenth may carry one bit.
    @inline(__always)
    package mutating func varint(_ place: StaticString) throws(ProtobufFault) -> UInt64 {
        if cursor < end {
            let first = cursor.load(as: UInt8.self)
            if first < 0x80 {
                cursor += 1
                return UInt64(first)
            }
        }
        return try longVarint(place)
    }

    private mutating func longVarint(_ place: StaticString) throws(ProtobufFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while cursor < end {
            let byte = cursor.load(as: UInt8.self)
            cursor += 1
            if shift == 63 && byte > 1 { throw ProtobufFault(.varintOverflow, place) }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw ProtobufFault(.truncated, place)
    }

    /// The bytes of a length-delimited field, in place.
    @inline(__always)
    package mutating func delimited(_ place: StaticString) throws(ProtobufFault) -> UnsafeRawBufferPointer {
        let count = try varint(place)
        guard count <= UInt64(remaining) else { throw ProtobufFault(.truncated, place) }
        let bytes = UnsafeRawBufferPointer(start: cursor, count: Int(truncatingIfNeeded: count))
        cursor += bytes.count
        return bytes
    }

    @inline(__always)
    package mutating func nested(_ place: StaticString) throws(ProtobufFault) -> ProtobufReader {
        ProtobufReader(try delimited(place))
    }

    @inline(__always)
    package mutating func identifier(_ place: StaticString) throws(ProtobufFault) -> Identifier {
        let bytes = try delimited(place)
        guard bytes.count == 16, let address = bytes.baseAddress else { throw ProtobufFault(.notSixteenBytes, place) }
        return Identifier(unaligned: address)
    }

    @inline(__always)
    package mutating func bytes(_ place: StaticString) throws(ProtobufFault) -> [UInt8] {
        Array(try delimited(place))
    }

    @inline(__always)
    package mutating func text(_ place: StaticString) throws(ProtobufFault) -> [UInt8] {
        let bytes = try delimited(place)
        guard UTF8Check.firstFault(in: bytes) == nil else { throw ProtobufFault(.notUTF8, place) }
        return Array(bytes)
    }

    /// Passes over a field that the schema does not know. Groups are no part of proto3.
    package mutating func skip(_ tag: UInt32) throws(ProtobufFault) {
        let place: StaticString = "unknown field"
        switch tag & 7 {
        case 0: _ = try varint(place)
        case 1: try pass(8, place)
        case 2: _ = try delimited(place)
        case 5: try pass(4, place)
        default: throw ProtobufFault(.wrongWireType, place)
        }
    }

    private mutating func pass(_ count: Int, _ place: StaticString) throws(ProtobufFault) {
        guard count <= remaining else { throw ProtobufFault(.truncated, place) }
        cursor += count
    }
}
