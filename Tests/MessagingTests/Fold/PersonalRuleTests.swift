import Messaging
import Testing

/// SEMANTICS rules 19 to 28: a member's own metadata.
@Suite struct PersonalRuleTests {
    // MARK: Rules 19 and 20

    @Test func markersAreMaximaAndTheGreaterOneCounts() {
        var one = Desk(ann, bob)
        #expect(one.did(ann, .read(50)) == .accepted)
        one.did(ann, .read(40))
        one.did(ann, .read(70, isPrivate: true))
        one.did(ann, .read(60, isPrivate: true))
        #expect(one.row(ann).readPublic == 50 && one.row(ann).readPrivate == 70 && one.row(ann).readUpTo == 70)
        one.did(ann, .read(80))
        #expect(one.row(ann).readUpTo == 80 && one.row(bob).readUpTo == 0)
    }

    @Test func aReadThatNamesAMessageReachesItsOrd() {
        var one = Desk(ann, bob)
        one.did(bob, .send(1))
        let sent = one.now
        #expect(one.did(ann, .read(message: 1)) == .accepted)
        #expect(one.row(ann).readPublic == sent)
    }

    @Test func aReadOfAnUnknownMessageWaitsForIt() {
        var one = Desk(ann, bob)
        #expect(one.did(ann, .read(message: 1)) == .orphaned)
        #expect(one.did(ann, .read(message: 1, isPrivate: true)) == .orphaned)
        #expect(one.row(ann).readUpTo == 0 && one.member(ann).waitingCount == 2 && one.waiting == 2)
        one.did(cat, .send(1))
        #expect(one.waiting == 2)
        one.did(bob, .send(1))
        #expect(one.row(ann).readPublic == one.now && one.row(ann).readPrivate == one.now)
        #expect(one.member(ann).waitingCount == 0 && one.waiting == 0)
    }

    @Test func anAcceptedSendIsReadByItsSenderButIsNoReceipt() {
        var one = Desk(ann, bob)
        one.did(ann, .send(1))
        let sent = one.now
        one.did(ann, .delete(1))
        #expect(one.row(ann).ownLast == sent && one.row(ann).readUpTo == sent && one.row(ann).readPublic == -1)
        #expect(one.row(bob).readUpTo == 0)
        one.did(cat, .send(2))
        #expect(one.row(cat).ownLast == 0)
        one.did(ann, .send(1))
        #expect(one.row(ann).ownLast == sent)
    }

    @Test func tenThousandReadsWaitAndTheRestAreDroppedAndCounted() {
        var one = Desk(ann, bob)
        for number in 0..<UInt64(Limits.waitingPerMember) { one.did(ann, .read(message: 10 + number % 3)) }
        #expect(one.member(ann).waitingCount == 10_000 && one.member(ann).droppedCount == 0)
        one.did(ann, .markUnread)
        #expect(one.did(ann, .read(message: 1)) == .orphaned)
        #expect(one.did(ann, .archive(message: 1)) == .orphaned)
        #expect(one.member(ann).waitingCount == 10_000 && one.member(ann).droppedCount == 2)
        #expect(!one.row(ann).isMarkedUnread)
        #expect(one.did(bob, .read(message: 1)) == .orphaned)
        one.did(bob, .send(1))
        #expect(one.row(ann).readUpTo == 0 && one.row(bob).readPublic == one.now)
    }

    // MARK: Rule 21

    @Test func anyLaterReadClearsAMarkWhereverItReaches() {
        var one = Desk(ann, bob)
        one.did(ann, .read(1_000_000))
        one.did(ann, .markUnread)
        #expect(one.row(ann).isMarkedUnread)
        one.did(ann, .send(1))
        #expect(one.row(ann).isMarkedUnread)
        one.did(ann, .read(0), in: otherRoom)
        #expect(one.row(ann).isMarkedUnread)
        one.did(ann, .read(0))
        #expect(!one.row(ann).isMarkedUnread)
        one.did(ann, .markUnread)
        one.did(ann, .read(message: 99))
        #expect(!one.row(ann).isMarkedUnread)
    }

    @Test func aCopyOfTheLastReadIsADuplicateAndOfAnOlderOneClearsAMark() {
        var one = Desk(ann, bob)
        one.did(ann, .read(5), id: command(1))
        one.did(ann, .read(6), id: command(2))
        one.did(ann, .markUnread)
        #expect(one.did(ann, .read(6), id: command(2)) == .duplicate)
        #expect(one.row(ann).isMarkedUnread)
        #expect(one.did(ann, .read(5), id: command(1)) == .accepted)
        #expect(!one.row(ann).isMarkedUnread && one.row(ann).readPublic == 6)
        #expect(one.row(ann).lastReadID == command(1))
        #expect(one.did(ann, .read(6), id: command(2)) == .accepted)
    }

    @Test func theLastReadOfEachConversationIsRemembered() {
        var one = Desk(ann, bob)
        one.did(ann, .read(message: 9), id: command(1))
        one.did(ann, .read(6), id: command(2), in: otherRoom)
        #expect(one.did(ann, .read(7), id: command(1), in: otherRoom) == .duplicate)
        #expect(one.did(ann, .mute(), id: command(2)) == .duplicate)
        #expect(one.did(bob, .read(7), id: command(1)) == .accepted)
    }

    // MARK: Ids and member ords

    @Test func aPersonalCommandIsJudgedOnceAMemberWhateverTheConversation() {
        var one = Desk(ann, bob)
        one.did(ann, .mute(), id: command(1))
        #expect(one.did(ann, .mute(false), id: command(1)) == .duplicate)
        #expect(one.did(ann, .star(1), id: command(1), in: otherRoom) == .duplicate)
        #expect(one.did(ann, .read(9), id: command(1)) == .duplicate)
        #expect(one.did(bob, .mute(), id: command(1)) == .accepted)
        #expect(one.row(ann).isMuted && one.row(ann).readUpTo == 0)
    }

    @Test func everyRecordMovesTheMemberOrdAndNoneGoesBack() {
        var one = Desk(ann, bob)
        one.did(ann, .markUnread, at: 9_000)
        one.did(ann, .read(1), at: 8_000)
        #expect(!one.row(ann).isMarkedUnread && one.member(ann).lastOrd == 9_001)
        one.did(ann, .mute(), id: command(1), at: 9_000)
        one.did(ann, .mute(), id: command(1), at: 1)
        #expect(one.row(ann).mutedAt == 9_002 && one.member(ann).lastOrd == 9_003)
        one.did(ann, .mute(false), at: 20_000)
        #expect(one.member(ann).lastOrd == 20_000 && one.member(bob).lastOrd == 0)
    }

    // MARK: Rule 23

    @Test func theLatestStarAndHideOfAMessageCountKnownOrNot() throws {
        var one = Desk(ann, bob)
        one.did(ann, .star(1))
        let starred = one.now
        one.did(ann, .hide(1))
        one.did(ann, .hide(1, false))
        let row = try #require(one.mark(ann, 1))
        #expect(row.isStarred && row.starredAt == starred && !row.isHidden && row.hiddenAt == one.now)
        #expect(one.mark(bob, 1) == nil)
        one.did(ann, .remove(ann))
        #expect(one.did(ann, .star(2)) == .accepted && one.mark(ann, 2)?.isStarred == true)
    }

    // MARK: Rule 24

    @Test func anArchiveHoldsUntilThereIsNews() {
        var one = Desk(ann, bob)
        one.did(bob, .send(1))
        one.did(ann, .archive(one.now - 1))
        #expect(!one.merged(ann).isArchived)
        one.did(ann, .archive(message: 1))
        #expect(one.merged(ann).isArchived)
        one.did(bob, .edit(1))
        one.did(bob, .delete(1))
        one.did(ann, .rename("a"))
        #expect(one.merged(ann).isArchived)
        one.did(bob, .send(2))
        #expect(!one.merged(ann).isArchived && !one.merged(bob).isArchived)
    }

    @Test func anArchivedAndMutedConversationStaysArchived() {
        var one = Desk(ann, bob)
        one.did(ann, .archive(0))
        one.did(ann, .mute())
        one.did(bob, .send(1))
        #expect(one.merged(ann).isArchived)
        one.did(ann, .mute(false))
        #expect(!one.merged(ann).isArchived)
        one.did(ann, .mute())
        one.did(ann, .archive(nil))
        #expect(!one.merged(ann).isArchived)
    }

    @Test func anArchiveOfAnUnknownMessageCountsByItsOwnMemberOrdWhenThatComes() {
        var one = Desk(ann, bob)
        one.did(ann, .archive(message: 1))
        #expect(one.row(ann).archivedUpTo == nil && one.member(ann).waitingCount == 1)
        let asked = one.now
        one.did(bob, .send(1))
        #expect(one.row(ann).archivedUpTo == one.now && one.row(ann).archivedAt == asked)
        one.did(ann, .archive(message: 2))
        one.did(ann, .archive(nil))
        let ended = one.now
        one.did(bob, .send(2))
        #expect(one.row(ann).archivedUpTo == nil && one.row(ann).archivedAt == ended)
    }

    // MARK: Rule 26

    @Test func activityIsTheLastSendSeenOrTheLatestJoining() {
        var one = Desk(ann, bob)
        #expect(one.merged(bob).activity == one.now)
        one.did(ann, .send(1))
        let sent = one.now
        one.did(ann, .delete(1))
        one.did(ann, .react(1))
        one.did(bob, .remove(bob))
        one.did(ann, .send(2))
        #expect(one.merged(bob).activity == sent && one.merged(ann).activity == one.now)
        one.did(ann, .add(bob))
        #expect(one.merged(bob).activity == one.now && one.row(bob).left == nil)
    }

    @Test func theFirstMessageOfADirectConversationIsItsActivity() {
        var one = Desk()
        one.did(ann, .send(1, direct: bob))
        #expect(one.merged(bob).lastSeenSend == one.now && one.merged(bob).needsAttention)
        #expect(one.merged(ann).ownLast == one.now && !one.merged(ann).needsAttention)
    }

    // MARK: Rules 25 and 27

    @Test func theBadgeLooksWhereSomethingMayBeUnreadOrMarked() {
        var one = Desk(ann, bob)
        #expect(!one.merged(ann).needsAttention)
        one.did(bob, .send(1))
        #expect(one.merged(ann).needsAttention && !one.merged(bob).needsAttention)
        one.did(ann, .read(one.now))
        #expect(!one.merged(ann).needsAttention)
        one.did(ann, .markUnread)
        #expect(one.merged(ann).needsAttention)
        one.did(ann, .mute())
        #expect(!one.merged(ann).needsAttention)
        one.did(ann, .mute(false))
        one.did(ann, .archive(one.now))
        #expect(!one.merged(ann).needsAttention)
        one.did(cat, .markUnread)
        #expect(!one.merged(cat).needsAttention)
    }

    // MARK: Rule 28, and what else a message to many must not cost

    @Test func membersOfABigConversationFindItsLastSendByMerging() {
        var one = Desk(ann, bob)
        one.did(ann, .send(1))
        let small = one.now
        one.did(ann, .addParticipants(AddParticipants(members: (1...63).map { .numbered($0) })))
        #expect(one.row(bob).placement == .big && one.row(.numbered(63)).placement == .big)
        #expect(one.row(bob).lastSeenSend == small)
        one.did(ann, .send(2))
        let sent = one.now
        #expect(one.row(bob).lastSeenSend == small && one.merged(bob).activity == sent)
        one.did(bob, .remove(bob))
        one.did(ann, .send(3))
        #expect(one.row(bob).placement == .unindexed && one.row(bob).activity == sent)
        for number in 1...16 { one.did(ann, .remove(.numbered(UInt64(number)))) }
        #expect(one.row(.numbered(40)).placement == .big)
        one.did(ann, .remove(.numbered(17)))
        #expect(one.row(.numbered(40)).placement == .unindexed && one.row(.numbered(40)).lastSeenSend > sent)
    }

    @Test func aMailboxThatOutgrowsItsLimitIsIndexedWithAllItsRows() {
        var one = Desk(ann, bob)
        one.did(bob, .send(1))
        let sent = one.now
        func place(_ number: Int) -> ConversationID { ConversationID(Identifier(high: 0xcc, low: UInt64(number))) }
        for number in 2...Limits.unindexedConversations { one.did(ann, .create(bob), in: place(number)) }
        #expect(!one.member(ann).isIndexed && one.member(ann).conversationCount == 128)
        #expect(
            one.row(ann).placement == .unindexed && one.row(ann).lastSeenSend == 0 && one.merged(ann).activity == sent)
        one.did(ann, .remove(ann), in: place(2))
        one.did(bob, .remove(ann))
        one.did(bob, .add(ann))
        one.did(ann, .add(ann), in: place(3))
        #expect(!one.member(ann).isIndexed)
        one.did(cat, .create(ann), in: place(129))
        #expect(one.member(ann).isIndexed && !one.member(bob).isIndexed)
        #expect(one.row(ann).placement == .indexed && one.row(ann, in: place(2)).placement == .indexed)
        one.did(cat, .send(1), in: place(129))
        one.did(bob, .send(1), in: place(3))
        #expect(one.row(ann, in: place(3)).activity == one.now && one.row(bob, in: place(3)).placement == .unindexed)
    }
}
