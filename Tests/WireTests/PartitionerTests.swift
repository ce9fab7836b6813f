import Messaging
import Testing
import Wire

@Suite struct PartitionerTests {
    func murmur2(_ key: [UInt8]) -> Int32 { key.withUnsafeBytes { Partitioner.murmur2($0) } }

    /// `testMurmur2` of org.apache.kafka.common.utils.UtilsTest.
    @Test func hashesAreThoseOfKafkasOwnTest() {
        let vectors: [(String, Int32)] = [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ]
        for (key, hash) in vectors { #expect(murmur2(Array(key.utf8)) == hash, "\(key)") }
    }

    @Test func theFastWayForIdsIsTheSameHash() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<10_000 {
            let id = Identifier(high: random.next(), low: random.next())
            #expect(Partitioner.murmur2(id) == murmur2(id.bytes))
        }
    }

    @Test func negativeHashesAreMaskedNotNegated() {
        // Java: (-973932308 & 0x7fffffff) % 7 = 1173551340 % 7.
        let partition = Array("21".utf8).withUnsafeBytes { Partitioner.partition(of: $0, count: 7) }
        #expect(partition == Int32(1_173_551_340 % 7))
        var random = SeededGenerator(seed: 12)
        for _ in 0..<1_000 {
            let id = Identifier(high: random.next(), low: random.next())
            for count: Int32 in [1, 2, 3, 12, 1_000] {
                let partition = Partitioner.partition(of: id, count: count)
                #expect(partition >= 0 && partition < count)
                #expect(partition == id.withBytes { Partitioner.partition(of: $0, count: count) })
            }
        }
    }
}
