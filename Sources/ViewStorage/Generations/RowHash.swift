/// A 128-bit fingerprint of values in order: fast, the same on every machine, not for secrets.
///
/// Multiply and fold, as in wyhash (Wang Yi, public domain); two lanes.
@frozen
public struct RowHash: Sendable, Equatable {
    @usableFromInline var first: UInt64
    @usableFromInline var second: UInt64

    @inlinable
    public init(seed: UInt64) {
        first = seed ^ 0xa076_1d64_78bd_642f
        second = seed &+ 0xe703_7ed1_a0b4_28db
    }

    @inlinable
    public mutating func add(_ value: UInt64) {
        first = Self.fold(first ^ value, 0x8ebc_6af0_9c88_c6e3 ^ second)
        second = Self.fold(second &+ value, 0x5899_65cc_7537_4cc3) &+ first
    }

    /// The bytes and their number.
    @inlinable
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        add(UInt64(bytes.count))
        var place = 0
        while place + 8 <= bytes.count {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        guard place < bytes.count else { return }
        var rest: UInt64 = 0
        for index in place..<bytes.count { rest |= UInt64(bytes[index]) << UInt64(8 * (index - place)) }
        add(rest)
    }

    /// A value as cursors add it.
    public mutating func add(_ value: StoredValue) {
        switch value {
        case .null: addNull()
        case .integer(let number):
            add(1)
            add(UInt64(bitPattern: number))
        case .text(let bytes):
            add(2)
            bytes.withUnsafeBytes { add($0) }
        case .bytes(let bytes):
            add(3)
            bytes.withUnsafeBytes { add($0) }
        }
    }

    @inlinable public mutating func addNull() { add(0x1d8e_4e27_c47d_124f) }

    /// The fingerprint.
    @inlinable public var digest: RowDigest {
        RowDigest(
            high: Self.fold(first ^ 0xeb44_acca_b455_d165, second),
            low: Self.fold(second ^ 0x2d35_8dcc_aa6c_78a5, first))
    }

    @inlinable
    static func fold(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return product.high ^ product.low
    }
}

/// A fingerprint, or the sum of several, whose order then does not matter.
@frozen
public struct RowDigest: Sendable, Hashable {
    public var high: UInt64
    public var low: UInt64

    @inlinable
    public init(high: UInt64 = 0, low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    @inlinable
    public static func += (left: inout RowDigest, right: RowDigest) {
        let (low, carries) = left.low.addingReportingOverflow(right.low)
        left.low = low
        left.high = left.high &+ right.high &+ (carries ? 1 : 0)
    }

    /// 32 hexadecimal digits.
    public var text: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
