import Testing

@testable import Wire

@Suite struct UTF8CheckTests {
    func firstFault(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { UTF8Check.firstFault(in: $0) } }

    @Test func everyScalarIsValidAndItsCutFormIsNot() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(Character(scalar)).utf8)
            if firstFault(bytes) != nil { Issue.record("U+\(String(value, radix: 16)) is refused") }
            if bytes.count > 1 && firstFault(Array(bytes.dropLast())) != 0 {
                Issue.record("U+\(String(value, radix: 16)) cut short is taken")
            }
        }
    }

    /// The standard library's decoder is the second opinion, on every pair and on random bytes.
    @Test func theStandardLibraryAgrees() {
        func agrees(_ bytes: [UInt8]) -> Bool {
            (firstFault(bytes) == nil) == (String(validating: bytes, as: UTF8.self) != nil)
        }
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                for rest: [UInt8] in [[], [0x80], [0x80, 0x80], [0xbf, 0x41]] where !agrees([first, second] + rest) {
                    Issue.record("\([first, second] + rest)")
                }
            }
        }
        var random = SeededGenerator(seed: 5)
        let pieces: [[UInt8]] = [
            Array("plain ascii text".utf8), Array("é€𝄞".utf8), [0x80], [0xed, 0xa0, 0x80], [0xc0, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf0],
        ]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<random.below(5) { bytes += random.pick(pieces) }
            #expect(agrees(bytes), "\(bytes)")
        }
    }

    @Test func theFirstFaultIsTheOneNamed() {
        #expect(firstFault(Array("0123456789é".utf8) + [0xff]) == 12)
        #expect(firstFault([]) == nil)
    }
}
