import Testing

@testable import SQLiteLog

@Suite struct ChecksumTests {
    private func digest(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 {
        bytes.withUnsafeBytes { Checksum.digest($0, seed: seed) }
    }

    /// Values of the reference implementation's command line and of its bindings' documentation.
    @Test func itIsXXH64() {
        #expect(digest([]) == 0xEF46_DB37_51D8_E999)
        #expect(digest(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
        #expect(digest(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
        #expect(digest(Array("xxhash".utf8), seed: 20_141_025) == 0xB559_B98D_844E_0635)
        #expect(digest(Array("Nobody inspects the spammish repetition".utf8)) == 0xFBCE_A83C_8A37_8BF1)
    }

    @Test func everyBitOfEveryLengthCounts() {
        for count in 0..<100 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let whole = digest(bytes, seed: 5)
            #expect(whole != digest(bytes, seed: 6))
            #expect(whole != digest(bytes + [0], seed: 5))
            for index in bytes.indices {
                var changed = bytes
                changed[index] ^= 1 << UInt8(index % 8)
                #expect(digest(changed, seed: 5) != whole, "length \(count), byte \(index)")
            }
        }
    }
}
