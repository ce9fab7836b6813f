import LegacyMailbox
import Testing
import Wire

@Suite struct LegacyWriteFormsTests {
    static let everything = LegacyWrite(
        .update,
        .copy(
            LegacyCopy(
                thread: Array("t \u{e9}".utf8), owner: Array("ada".utf8), copyID: Array("1".utf8),
                deduplicationKey: Array("<m@x>".utf8), folder: LegacyFolder.archive, sender: Array("bob".utf8),
                recipients: [Array("ada".utf8), Array("eve".utf8)], subject: Array("s\"\\\n".utf8),
                body: Array("\u{1F600} body".utf8),
                attachments: [
                    LegacyAttachment(
                        uri: Array("file:a".utf8), mediaType: Array("image/png".utf8), name: Array("a".utf8), bytes: 7)
                ], inReplyTo: Array("<l@x>".utf8), sentAt: -5, readAt: 9, starred: true, deletion: .own,
                deletedBy: Array("bob".utf8), editedAt: 11)), sourceVersion: .max)
    static let bare = LegacyWrite(
        .snapshot,
        .copy(
            LegacyCopy(
                thread: Array("t".utf8), owner: [], copyID: [], deduplicationKey: [], folder: [], sender: [],
                recipients: [], subject: [], body: nil, sentAt: 0)), sourceVersion: 0)
    static let thread = LegacyWrite(
        .insert,
        .thread(LegacyThread(thread: Array("t".utf8), subject: [], creator: Array("c".utf8), createdAt: 1)),
        sourceVersion: 3)
    static let participant = LegacyWrite(
        .delete,
        .participant(
            LegacyParticipant(
                thread: Array("t".utf8), owner: Array("o".utf8), joinedAt: 1, leftAt: 2, folder: LegacyFolder.inbox)),
        sourceVersion: 4)

    @Test(arguments: [everything, bare, thread, participant])
    func whatIsWrittenIsReadAgainInBothForms(_ write: LegacyWrite) throws {
        #expect(try LegacyWrite(json: write.json()) == write)
        #expect(try LegacyWrite(protobuf: write.protobuf()) == write)
        let format = OwnFormat()
        #expect(try format.decode(key: write.thread, value: write.json()) == .write(write))
        #expect(try format.decode(key: write.thread, value: write.protobuf()) == .write(write))
    }

    @Test func emptyBodyIsNoMissingBody() throws {
        guard case .copy(var copy) = Self.bare.row else { return #expect(Bool(false)) }
        copy.body = []
        let write = LegacyWrite(.insert, .copy(copy), sourceVersion: 1)
        #expect(try LegacyWrite(json: write.json()) == write)
        #expect(try LegacyWrite(protobuf: write.protobuf()) == write)
    }

    @Test func keyThatIsNotTheRowsThreadIsMalformed() {
        #expect(throws: LegacyError.self) {
            try OwnFormat().decode(key: Array("other".utf8), value: Self.thread.json())
        }
    }

    @Test func everyCutOfARecordIsAnErrorAndNeverATrap() {
        for bytes in [Self.everything.json(), Self.everything.protobuf()] {
            for count in 1..<bytes.count {
                _ = try? OwnFormat().decode(key: [], value: Array(bytes[..<count]))
            }
            #expect(throws: LegacyError.self) { try OwnFormat().decode(key: [], value: Array(bytes.dropLast())) }
        }
    }

    @Test func newerFormsAreUnknown() {
        let json = Array(
            String(decoding: Self.thread.json(), as: UTF8.self)
                .replacing("\"format\":1", with: "\"format\":2").utf8)
        #expect { try LegacyWrite(json: json) } throws: { ($0 as? LegacyError)?.code == .unknown }
        var protobuf = Self.thread.protobuf()
        protobuf[1] = 2
        #expect { try LegacyWrite(protobuf: protobuf) } throws: { ($0 as? LegacyError)?.code == .unknown }
    }
}
