import Messaging
import Testing

@Suite struct IdentifierTests {
    /// RFC 9562 appendix A.4: version 5 of "www.example.com" in the DNS namespace.
    @Test func version5MatchesTheVectorOfRFC9562() throws {
        let dns = try #require(Identifier(text: "6ba7b810-9dad-11d1-80b4-00c04fd430c8".utf8))
        let made = Identifier.version5(namespace: dns, name: Array("www.example.com".utf8))
        #expect(made.description == "2ed6657d-e927-568b-95e1-2665a8aea6a2")
    }

    /// RFC 9562 appendix A.6.
    @Test func version7MatchesTheVectorOfRFC9562() throws {
        let random = Identifier(high: 0x0cc3, low: 0x18c4_dc0c_0c07_398f)
        let made = Identifier.version7(milliseconds: 0x017F_22E2_79B0, random: random)
        #expect(made.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    }

    @Test func version8CarriesTheVersionAndVariantOfRFC9562() {
        let made = Identifier.version8(
            milliseconds: 0x2489_E9AD_2EE2, hash: Identifier(high: 0xe00, low: 0xec_932d_5f69_181c0))
        #expect(made.version == 8)
        #expect(made.description == "2489e9ad-2ee2-8e00-8ec9-32d5f69181c0")
    }

    @Test func textHasOneFormOnly() {
        let text = "9f02e5ff-bdc0-5c4f-98fc-67241590b612"
        #expect(Identifier(text: text.utf8) == .defaultNamespace)
        #expect(Identifier.defaultNamespace.description == text)
        for wrong in [
            "", text.uppercased(), String(text.dropLast()), text + "0", "g" + text.dropFirst(),
            text.replacing("-", with: "_"), "9f02e5ffb-dc0-5c4f-98fc-67241590b612",
        ] {
            #expect(Identifier(text: wrong.utf8) == nil, "\(wrong)")
        }
    }

    @Test func orderIsThatOfTheText() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<1_000 {
            let one = Identifier(high: generator.next(), low: generator.next())
            let other = Identifier(high: generator.next(), low: generator.next())
            #expect((one < other) == (one.description < other.description))
            #expect(Identifier(text: one.description.utf8) == one)
            #expect(Identifier(bytes: one.bytes) == one)
        }
    }

    @Test func directConversationIsTheSameForBoth() {
        let one = MemberID(Identifier(high: 1, low: 0))
        let other = MemberID(Identifier(high: 0, low: 2))
        #expect(
            ConversationID.direct(one, other, namespace: .defaultNamespace)
                == .direct(other, one, namespace: .defaultNamespace))
    }
}
