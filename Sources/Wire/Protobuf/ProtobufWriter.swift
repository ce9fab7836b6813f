package import Messaging

/// Writes protobuf fields one after the other into memory whose size was computed first.
///
/// The generated `encodedSize` and `encode` of a message go hand in hand: `append` checks that they agree, and memory
/// outside the reserved bytes is never written.
package struct ProtobufWriter {
    private var cursor: UnsafeMutableRawPointer
    private let end: UnsafeMutableRawPointer

    /// Appends what `body` writes.
    /// - Parameter size: the bytes that `body` writes, exactly.
    @inline(__always)
    package static func append(_ size: Int, to output: inout [UInt8], _ body: (inout ProtobufWriter) -> Void) {
        let start = output.count
        output.append(contentsOf: repeatElement(0, count: size))
        output.withUnsafeMutableBytes { raw in
            guard size > 0, let base = raw.baseAddress else { return }
            var writer = ProtobufWriter(cursor: base + start, end: base + start + size)
            body(&writer)
            precondition(writer.cursor == writer.end, "a message wrote another size than it computed")
        }
    }

    /// Bytes of a varint.
    @inline(__always)
    package static func size(ofVarint value: UInt64) -> Int {
        // 64 bits in groups of 7, at least one: (bits + 6) / 7 without a division.
        (9 &* (64 &- (value | 1).leadingZeroBitCount) &+ 64) >> 6
    }

    /// Bytes of a length and what it counts.
    @inline(__always)
    package static func size(ofDelimited count: Int) -> Int { size(ofVarint: UInt64(count)) + count }

    @inline(__always)
    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            byte(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        byte(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    private mutating func byte(_ value: UInt8) {
        precondition(cursor < end)
        cursor.storeBytes(of: value, as: UInt8.self)
        cursor += 1
    }

    @inline(__always)
    package mutating func bytes(tag: UInt64, _ value: [UInt8]) {
        varint(tag)
        varint(UInt64(value.count))
        value.withUnsafeBytes { raw in
            guard let base = raw.baseAddress, raw.count > 0 else { return }
            precondition(raw.count <= end - cursor)
            cursor.copyMemory(from: base, byteCount: raw.count)
            cursor += raw.count
        }
    }

    @inline(__always)
    package mutating func identifier(tag: UInt64, _ value: Identifier) {
        varint(tag)
        precondition(end - cursor >= 17)
        cursor.storeBytes(of: 16, as: UInt8.self)
        cursor.storeBytes(of: value.high.bigEndian, toByteOffset: 1, as: UInt64.self)
        cursor.storeBytes(of: value.low.bigEndian, toByteOffset: 9, as: UInt64.self)
        cursor += 17
    }

    @inline(__always)
    package mutating func varint(tag: UInt64, _ value: UInt64) {
        varint(tag)
        varint(value)
    }
}
