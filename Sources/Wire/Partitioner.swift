public import Messaging

/// Which partition a key belongs to: murmur2 masked positive, modulo the partition count, as Java's clients do by
/// default (Kafka `Utils.murmur2`, `Utils.toPositive`), so that producers in any language agree.
public enum Partitioner {
    private static let multiplier: UInt32 = 0x5bd1_e995
    private static let seed: UInt32 = 0x9747_b28c

    /// The partition of a record's key.
    /// - Parameter count: partitions of the topic, at least 1; fixed for the topic's life.
    @inlinable
    public static func partition(of key: Identifier, count: Int32) -> Int32 {
        (murmur2(key) & 0x7fff_ffff) % count
    }

    /// The partition of a key of any length.
    /// - Parameter count: partitions of the topic, at least 1.
    public static func partition(of key: UnsafeRawBufferPointer, count: Int32) -> Int32 {
        (murmur2(key) & 0x7fff_ffff) % count
    }

    /// murmur2 of an id's 16 bytes, without touching memory.
    public static func murmur2(_ key: Identifier) -> Int32 {
        // Blocks are little-endian, the words of an identifier big-endian.
        var hash = seed ^ 16
        absorb(UInt32(truncatingIfNeeded: key.high >> 32).byteSwapped, into: &hash)
        absorb(UInt32(truncatingIfNeeded: key.high).byteSwapped, into: &hash)
        absorb(UInt32(truncatingIfNeeded: key.low >> 32).byteSwapped, into: &hash)
        absorb(UInt32(truncatingIfNeeded: key.low).byteSwapped, into: &hash)
        return finish(hash)
    }

    /// murmur2 of any bytes.
    public static func murmur2(_ key: UnsafeRawBufferPointer) -> Int32 {
        var hash = seed ^ UInt32(truncatingIfNeeded: key.count)
        let whole = key.count & ~3
        for offset in stride(from: 0, to: whole, by: 4) {
            absorb(UInt32(littleEndian: key.loadUnaligned(fromByteOffset: offset, as: UInt32.self)), into: &hash)
        }
        let rest = key.count - whole
        if rest >= 3 { hash ^= UInt32(key[whole + 2]) << 16 }
        if rest >= 2 { hash ^= UInt32(key[whole + 1]) << 8 }
        if rest >= 1 {
            hash ^= UInt32(key[whole])
            hash = hash &* multiplier
        }
        return finish(hash)
    }

    @inline(__always)
    private static func absorb(_ block: UInt32, into hash: inout UInt32) {
        var mixed = block &* multiplier
        mixed ^= mixed >> 24
        hash = (hash &* multiplier) ^ (mixed &* multiplier)
    }

    @inline(__always)
    private static func finish(_ hash: UInt32) -> Int32 {
        var mixed = hash
        mixed ^= mixed >> 13
        mixed = mixed &* multiplier
        mixed ^= mixed >> 15
        return Int32(bitPattern: mixed)
    }
}
