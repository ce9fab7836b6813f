import LegacyMailbox
import Messaging
import Testing

@Suite struct LegacyIdentifiersTests {
    private let ids = LegacyIdentifiers(namespace: .defaultNamespace)
    private let thread = LegacyThread(
        thread: Array("t".utf8), subject: [], creator: Array("ada".utf8), createdAt: 1)

    @Test func sameWriteGivesTheSameCommandIDAndAnyOtherAnother() {
        let write = LegacyWrite(.insert, .thread(thread), sourceVersion: 1_700_000_000_000_000)
        let later = LegacyWrite(.insert, .thread(thread), sourceVersion: 1_700_000_000_000_001)
        #expect(ids.command(for: write, part: "rename") == ids.command(for: write, part: "rename"))
        #expect(ids.command(for: write, part: "rename") != ids.command(for: later, part: "rename"))
        #expect(ids.command(for: write, part: "rename") != ids.command(for: write, part: "create"))
    }

    @Test func commandIDsAreOfVersion8AndBeginWithLegacyMilliseconds() {
        let write = LegacyWrite(.insert, .thread(thread), sourceVersion: 1_700_000_000_123_456)
        let id = ids.command(for: write, part: "rename").value
        #expect(id.version == 8)
        #expect(id.high >> 16 == 1_700_000_000_123)
        #expect(id.low >> 62 == 2)
    }

    @Test func ownersWhoAreUUIDsKeepThem() {
        let text = "9f02e5ff-bdc0-5c4f-98fc-67241590b612"
        #expect(ids.member(owner: Array(text.utf8)).description == text)
        #expect(ids.member(owner: Array("ada@example.org".utf8)).value.version == 5)
    }
}
