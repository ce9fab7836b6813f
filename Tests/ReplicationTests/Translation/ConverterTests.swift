import LegacyMailbox
import Messaging
import Replication
import Testing

@Suite struct ConverterTests {
    private let identifiers = LegacyIdentifiers(namespace: .defaultNamespace)
    private let thread = Array("t1".utf8)
    private let ada = Array("ada".utf8)
    private let bob = Array("bob".utf8)

    private func copy(
        of owner: [UInt8], _ operation: LegacyWrite.Operation = .insert, version: Int64 = 5,
        _ change: (inout LegacyCopy) -> Void = { _ in }
    ) -> LegacyWrite {
        var row = LegacyCopy(
            thread: thread, owner: owner, copyID: owner + Array("-1".utf8), deduplicationKey: Array("m1".utf8),
            folder: LegacyFolder.inbox, sender: ada, recipients: [bob], subject: [], body: Array("hello".utf8),
            sentAt: 1_103_968_931_000_123)
        change(&row)
        return LegacyWrite(operation, .copy(row), sourceVersion: version)
    }

    private func participant(
        _ operation: LegacyWrite.Operation, left: Int64? = nil, folder: [UInt8] = LegacyFolder.inbox
    ) -> LegacyWrite {
        LegacyWrite(
            operation,
            .participant(LegacyParticipant(thread: thread, owner: bob, joinedAt: 1, leftAt: left, folder: folder)),
            sourceVersion: 7)
    }

    private func commands(_ converter: some Converter, _ write: LegacyWrite) throws -> [ReplicatedCommand] {
        var commands: [ReplicatedCommand] = []
        try converter.convert(write, ConversionContext(write, identifiers), into: &commands)
        return commands
    }

    @Test func allCopiesOfAMessageMakeOneCommand() throws {
        let ofAda = try commands(MessageConverter(), copy(of: ada))
        let ofBob = try commands(MessageConverter(), copy(of: bob, version: 6))
        #expect(ofAda.count == 1 && ofAda.map(\.id) == ofBob.map(\.id) && ofAda[0].kind == ofBob[0].kind)
        #expect(ofAda[0].sourceVersion == 5 && ofBob[0].sourceVersion == 6)
        guard case .send(let sent) = ofAda[0].kind else { return #expect(Bool(false)) }
        #expect(sent.content.text == Array("hello".utf8) && sent.sentAt == 1_103_968_931_000_123)
        #expect(ofAda[0].actor == identifiers.member(owner: ada))
    }

    @Test func anUpdateOfACopyIsNoNewMessage() throws {
        #expect(try commands(MessageConverter(), copy(of: bob, .update)).isEmpty)
    }

    @Test(
        arguments: [
            { $0.body = nil }, { $0.editedAt = 77 },
            { (row: inout LegacyCopy) in
                row.deletion = .everyone
                row.body = nil
            },
        ] as [@Sendable (inout LegacyCopy) -> Void])
    func aCopyThatDoesNotTellWhatWasSentOnlySaysThatThereIsAMessage(
        _ change: @Sendable (inout LegacyCopy) -> Void
    ) throws {
        let found = try commands(MessageConverter(), copy(of: bob, .snapshot) { change(&$0) })
        let sent = try commands(MessageConverter(), copy(of: bob))
        #expect(found.map(\.id) == sent.map(\.id) && found.map(\.sourceVersion) == [Record.placeholderVersion])
        guard case .send(let message) = found[0].kind else { return #expect(Bool(false)) }
        #expect(message.content.text.isEmpty)
    }

    @Test func anEditInEveryCopyIsOneVersion() throws {
        let edits = try [ada, bob].map { owner in
            try commands(EditConverter(), copy(of: owner, .update, version: owner == ada ? 8 : 9) { $0.editedAt = 77 })
        }
        #expect(edits[0].count == 1 && edits[0].map(\.id) == edits[1].map(\.id))
        guard case .edit(_, let content, let editedAt) = edits[0][0].kind else { return #expect(Bool(false)) }
        #expect(content.text == Array("hello".utf8) && editedAt == 77)
        let later = try commands(EditConverter(), copy(of: ada, .update) { $0.editedAt = 78 })
        #expect(later.map(\.id) != edits[0].map(\.id))
        #expect(try commands(EditConverter(), copy(of: ada, .update)).isEmpty)
    }

    @Test func deletingForEveryoneIsOneDeleteAndForOneselfAHiddenCopy() throws {
        let everyone = try commands(
            DeletionConverter(),
            copy(of: bob, .update) {
                $0.deletion = .everyone
                $0.body = nil
                $0.deletedBy = bob
            })
        #expect(everyone[0].actor == identifiers.member(owner: bob))
        guard case .delete? = everyone.first?.kind else { return #expect(Bool(false)) }
        let own = try commands(DeletionConverter(), copy(of: bob, .update) { $0.deletion = .own })
        #expect(own.compactMap(\.state?.isHidden) == [true] && own[0].actor == identifiers.member(owner: bob))
        let back = try commands(DeletionConverter(), copy(of: bob, .update))
        #expect(back.compactMap(\.state?.isHidden) == [false])
    }

    @Test func readAndStarAreTheOwnersAlone() throws {
        let read = try commands(ReadConverter(), copy(of: bob, .update) { $0.readAt = 6 })
        #expect(read.map(\.actor) == [identifiers.member(owner: bob)])
        #expect(read.compactMap(\.state?.isRead) == [true])
        #expect(try commands(ReadConverter(), copy(of: bob, .update)).compactMap(\.state?.isRead) == [false])
        #expect(try commands(ReadConverter(), copy(of: ada, .update) { $0.readAt = 6 }).isEmpty)
        let star = try commands(StarConverter(), copy(of: bob, .update) { $0.starred = true })
        #expect(star.compactMap(\.state?.isStarred) == [true])
        #expect(
            star[0].state?.message
                == identifiers.message(
                    thread: thread, deduplicationKey: Array("m1".utf8)))
    }

    @Test func whatACopySaysIsOneCommandThatNamesItsConverters() throws {
        let write = copy(of: bob, .update) {
            $0.readAt = 6
            $0.starred = true
        }
        let commands = try Translator().translate(write, ConversionContext(write, identifiers))
        #expect(commands.map(\.converters) == [["deletion", "read", "star"]])
        #expect(commands[0].state?.isRead == true && commands[0].state?.isStarred == true)
    }

    @Test func comingGoingAndArchivingFollowTheParticipantsRow() throws {
        let bobID = identifiers.member(owner: bob)
        #expect(
            try commands(MembershipConverter(), participant(.insert)).map(\.kind)
                == [.stay(Stay(member: bobID, joined: 1, left: nil))])
        #expect(
            try commands(MembershipConverter(), participant(.update, left: 3)).map(\.kind)
                == [.stay(Stay(member: bobID, joined: 1, left: 3))])
        #expect(
            try commands(FolderConverter(), participant(.update, folder: LegacyFolder.archive)).map(\.kind)
                == [.archive(Archive(upTo: .ord(7)))])
        #expect(try commands(FolderConverter(), participant(.update)).map(\.kind) == [.archive(Archive(upTo: nil))])
    }

    @Test func aThreadIsCreatedOnceAndThenRenamed() throws {
        let row = LegacyThread(thread: thread, subject: Array("Engines".utf8), creator: ada, createdAt: 1)
        let created = try commands(ThreadConverter(), LegacyWrite(.insert, .thread(row), sourceVersion: 1))
        #expect(created.map(\.kind) == [.found(title: row.subject)])
        let renamed = try commands(ThreadConverter(), LegacyWrite(.update, .thread(row), sourceVersion: 2))
        #expect(renamed.map(\.kind) == [.rename(title: row.subject)])
    }

    @Test func whatIsAboveALimitCannotBeTranslated() {
        let long = [UInt8](repeating: 65, count: Limits.contentBytes + 1)
        #expect(throws: ReplicationError.self) { try commands(MessageConverter(), copy(of: ada) { $0.body = long }) }
    }

    @Test func theSameWriteAlwaysGivesTheSameIDs() throws {
        let write = copy(of: bob) { $0.starred = true }
        let once = try Translator().translate(write, ConversionContext(write, identifiers))
        let again = try Translator().translate(write, ConversionContext(write, identifiers))
        #expect(once == again && Set(once.map(\.id)).count == once.count && once.count == 2)
    }
}

extension ReplicatedCommand {
    fileprivate var state: CopyState? { if case .copyState(let state) = kind { state } else { nil } }
}
