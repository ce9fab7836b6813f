import Messaging
import Testing

@Suite struct IdentifierTextTests {
    let text = Array("01234567-89ab-cdef-0123-456789abcdef".utf8)

    @Test func everyOtherByteAtEveryPlaceIsRefused() throws {
        #expect(Identifier(text: text) == Identifier(high: 0x0123_4567_89ab_cdef, low: 0x0123_4567_89ab_cdef))
        let digits = Set("0123456789abcdef".utf8)
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                let isDash = [8, 13, 18, 23].contains(place)
                let isRight = isDash ? byte == UInt8(ascii: "-") : digits.contains(byte)
                #expect((Identifier(text: changed) != nil) == isRight, "\(byte) at \(place)")
            }
        }
    }

    @Test func everyNibbleIsWrittenAndReadAtEveryPlace() {
        for place in 0..<32 {
            for nibble in UInt64(0)..<16 {
                let shift = UInt64(15 - place % 16) * 4
                let id =
                    place < 16 ? Identifier(high: nibble << shift, low: 0) : Identifier(high: 0, low: nibble << shift)
                var expected = [Character](repeating: "0", count: 32)
                expected[place] = Character(String(nibble, radix: 16))
                #expect(id.description.filter { $0 != "-" } == String(expected))
                #expect(Identifier(text: id.description.utf8) == id)
            }
        }
    }

    @Test func textThatIsNotInOnePieceIsReadToo() {
        #expect(Identifier(text: text.lazy.map { $0 }) == Identifier(text: text))
        #expect(Identifier(text: (text + [0])[..<36]) == Identifier(text: text))
        #expect(Identifier(text: [UInt8]()) == nil)
        #expect(Identifier(text: text + [UInt8(ascii: "0")]) == nil)
    }
}
