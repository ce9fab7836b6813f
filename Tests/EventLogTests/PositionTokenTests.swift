import EventLog
import Testing

struct PositionTokenTests {
    private let some = PositionToken([
        TopicPartition(.conversationCommands, 3): 1025, TopicPartition(.memberCommands, 0): 0,
        TopicPartition(.legacyWrites, 32_767): Int64.max,
    ])

    @Test func aTokenSurvivesItsText() {
        for token in [PositionToken(), some] { #expect(PositionToken(text: token.description) == token) }
    }

    @Test func theTextIsOneShellWordThatIsNoOption() {
        for character in some.description.utf8 {
            #expect(
                Array("-_".utf8).contains(character) || Character(Unicode.Scalar(character)).isLetter
                    || Character(Unicode.Scalar(character)).isNumber)
        }
        #expect(PositionToken().description.first?.isLetter == true)
        #expect(some.description.first?.isLetter == true)
    }

    @Test func aTextWithOneCharacterChangedOrMissingIsNoToken() {
        let text = Array(some.description)
        for index in text.indices {
            for replacement in ["A", "b", "7", "_", "=", " ", "é"] as [Character] where replacement != text[index] {
                var changed = text
                changed[index] = replacement
                #expect(PositionToken(text: String(changed)) == nil)
            }
            #expect(PositionToken(text: String(text[..<index])) == nil)
        }
        #expect(PositionToken(text: some.description + "A") == nil)
        #expect(PositionToken(text: "") == nil)
    }

    @Test func includingOnlyEverAsksForMore() {
        let partition = TopicPartition(.memberCommands, 1)
        var token = PositionToken()
        token.include(Position(partition, 7))
        #expect(token.offsets[partition] == 8)
        token.include(partition, before: 5)
        #expect(token.offsets[partition] == 8)
        token.merge(PositionToken([partition: 9, TopicPartition(.memberCommands, 2): 1]))
        #expect(token.offsets == [partition: 9, TopicPartition(.memberCommands, 2): 1])
    }
}

struct Base64URLTests {
    @Test func theTextIsThatOfTheStandard() {
        // RFC 4648 section 10, without padding; the last one has both characters that differ from plain base64.
        let vectors: [([UInt8], String)] = [
            ([], ""), (Array("f".utf8), "Zg"), (Array("fo".utf8), "Zm8"), (Array("foo".utf8), "Zm9v"),
            (Array("foob".utf8), "Zm9vYg"), (Array("foobar".utf8), "Zm9vYmFy"), ([0xfb, 0xff, 0xfe], "-__-"),
        ]
        for (bytes, text) in vectors {
            #expect(Base64URL.encode(bytes) == Array(text.utf8))
            #expect(Base64URL.decode(text.utf8) == bytes)
        }
    }

    @Test func whatNoEncoderWritesIsRefused() {
        for text in ["Z", "Zh", "Zm9", "Zg==", "Zm9v\n", "+__-"] {
            #expect(Base64URL.decode(text.utf8) == nil, "\(text)")
        }
    }
}
