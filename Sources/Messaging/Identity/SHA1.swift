/// SHA-1 (RFC 3174), only because UUID version 5 is defined by it (RFC 9562 section 5.5).
///
/// Nothing here depends on its collision resistance: names are short, structured and made by the product.
struct SHA1 {
    private var state: (UInt32, UInt32, UInt32, UInt32, UInt32) = (
        0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0
    )

    /// What has come since the last whole block of 64 bytes.
    private var rest = InlineArray<8, UInt64>(repeating: 0)
    private var count = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var taken = 0
        while taken < bytes.count {
            let place = count & 63
            let fits = min(64 - place, bytes.count - taken)
            withUnsafeMutableBytes(of: &rest) { rest in
                UnsafeMutableRawBufferPointer(rebasing: rest[place..<place + fits])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[taken..<taken + fits]))
            }
            taken += fits
            count += fits
            if count & 63 == 0 { absorb() }
        }
    }

    /// The first 16 bytes of the digest, which is all that a UUID uses.
    consuming func prefix16() -> Identifier {
        let place = count & 63
        let bits = UInt64(count) * 8
        withUnsafeMutableBytes(of: &rest) { rest in
            rest[place] = 0x80
            for index in place + 1..<64 { rest[index] = 0 }
        }
        if place >= 56 {
            absorb()
            rest = InlineArray(repeating: 0)
        }
        rest[7] = bits.bigEndian
        absorb()
        return Identifier(
            high: UInt64(state.0) << 32 | UInt64(state.1), low: UInt64(state.2) << 32 | UInt64(state.3))
    }

    /// Takes the block in ``rest`` in.
    private mutating func absorb() {
        let block = rest
        withUnsafeBytes(of: block) { absorb($0) }
    }

    private mutating func absorb(_ raw: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 80) { words in
            for index in 0..<16 {
                words[index] = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            }
            for index in 16..<80 {
                words[index] = Self.rotate(
                    words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], by: 1)
            }
            var (a, b, c, d, e) = state
            // A loop for each kind of round: nothing is decided within one.
            @inline(__always)
            func rounds(_ range: Range<Int>, _ constant: UInt32, _ mix: (UInt32, UInt32, UInt32) -> UInt32) {
                for index in range {
                    let next = Self.rotate(a, by: 5) &+ mix(b, c, d) &+ e &+ constant &+ words[index]
                    (e, d, c, b, a) = (d, c, Self.rotate(b, by: 30), a, next)
                }
            }
            rounds(0..<20, 0x5a82_7999) { ($0 & $1) | (~$0 & $2) }
            rounds(20..<40, 0x6ed9_eba1) { $0 ^ $1 ^ $2 }
            rounds(40..<60, 0x8f1b_bcdc) { ($0 & $1) | ($0 & $2) | ($1 & $2) }
            rounds(60..<80, 0xca62_c1d6) { $0 ^ $1 ^ $2 }
            state.0 &+= a
            state.1 &+= b
            state.2 &+= c
            state.3 &+= d
            state.4 &+= e
        }
    }

    @inline(__always)
    private static func rotate(_ word: UInt32, by count: UInt32) -> UInt32 { word << count | word >> (32 - count) }
}
