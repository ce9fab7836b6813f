import Messaging
import Testing

/// SEMANTICS rules 1, 2 and the promises before them: creating, sending, ids, ords.
@Suite struct ConversationRuleTests {
    // MARK: Rule 1

    @Test func aParticipantSendsIntoAnOpenConversation() throws {
        var one = Room(ann, bob)
        #expect(one.did(bob, .send(1, "hello", replyTo: message(9)), id: command(5)) == .accepted)
        let row = try #require(one.message(1))
        #expect(row.ord == one.now && row.sender == bob && row.original == command(5) && row.current == command(5))
        #expect(row.replyTo == message(9) && one.content(1) == "hello")
    }

    @Test func anOutsiderAndAClosedConversationSendNothing() {
        var one = Room(ann, bob)
        #expect(one.did(cat, .send(1)) == .rejected(.notParticipant))
        one.did(ann, .close())
        #expect(one.did(bob, .send(2)) == .rejected(.closed))
        #expect(one.did(cat, .send(3)) == .rejected(.notParticipant))
        one.did(ann, .close(false))
        #expect(one.did(bob, .send(4)) == .accepted)
        #expect([1, 2, 3, 4].map { one.message($0) != nil } == [false, false, false, true])
    }

    @Test func whoCreatesAGroupIsInsideAndItsFirstModerator() {
        var one = Room(nil)
        #expect(one.did(ann, .create(bob, bob, ann, history: .all)) == .accepted)
        #expect(one.row.kind == .group && one.row.history == .all && one.row.participantCount == 2)
        #expect(one.isModerator(ann) && one.isInside(bob) && !one.isModerator(bob))
        #expect(one.intervals(ann) == [MembershipInterval(joined: one.now, left: nil, isModerator: true)])
    }

    @Test func aSecondCreationIsExistsAlsoWhereADirectConversationIs() {
        var one = Room(ann, bob)
        #expect(one.did(cat, .create(dan)) == .rejected(.exists))
        #expect(!one.isInside(cat) && one.row.participantCount == 2)
        var two = Room(nil)
        two.did(ann, .send(1, direct: bob))
        #expect(two.did(ann, .create(bob)) == .rejected(.exists))
        #expect(two.row.kind == .direct)
    }

    @Test func theFirstSendDirectMakesAConversationOfTwo() {
        var one = Room(nil)
        #expect(one.did(ann, .send(1, direct: bob)) == .accepted)
        #expect(one.row.kind == .direct && one.row.history == .fromJoin && one.row.participantCount == 2)
        #expect(one.intervals(ann) == one.intervals(bob) && !one.isModerator(ann))
        #expect(one.intervals(bob).map(\.joined) == [one.now] && one.message(1)?.ord == one.now)
        #expect(one.did(bob, .send(2, direct: ann)) == .accepted)
        #expect(one.did(bob, .send(3)) == .accepted)
        #expect(one.did(cat, .send(4, direct: ann)) == .rejected(.notParticipant))
    }

    @Test func aSendDirectWhereAGroupIsIsNotParticipantButForKnownMessages() {
        var one = Room(ann, bob)
        one.did(ann, .send(1, "here"))
        #expect(one.did(ann, .send(2, direct: bob)) == .rejected(.notParticipant))
        #expect(one.did(ann, .send(1, "here", direct: bob)) == .duplicate)
        #expect(one.did(ann, .send(1, "there", direct: bob)) == .rejected(.duplicateConflict))
    }

    @Test(arguments: [
        Command.send(1), .edit(1), .delete(1), .withdraw(command(1), of: 1), .react(1), .add(bob), .remove(bob),
        .remove(ann), .moderator(ann), .rename("a"), .close(),
    ])
    func whereNoConversationIsEverythingIsNotParticipant(_ what: Command) {
        var one = Room(nil)
        #expect(one.did(ann, what) == .rejected(.notParticipant))
        #expect(one.row.kind == nil && one.row.lastOrd == one.now && one.waiting == 0)
        #expect(one.did(ann, .create()) == .accepted)
    }

    // MARK: Rule 2

    @Test func aKnownMessageIDIsADuplicateOrAConflictBeforeMembershipAndClosing() {
        var one = Room(ann, bob)
        one.did(bob, .send(1, "same"))
        one.did(ann, .close())
        one.did(bob, .remove(bob))
        #expect(one.did(bob, .send(1, "same")) == .duplicate)
        #expect(one.did(cat, .send(1, "same")) == .duplicate)
        #expect(one.did(bob, .send(1, "other")) == .rejected(.duplicateConflict))
        #expect(one.did(bob, .send(1, "same", replyTo: message(2))) == .rejected(.duplicateConflict))
        #expect(one.content(1) == "same")
    }

    @Test func aDeletedMessageIDIsKnownStill() {
        var one = Room(ann)
        one.did(ann, .send(1, "same"))
        one.did(ann, .delete(1))
        #expect(one.did(ann, .send(1, "same")) == .duplicate)
        #expect(one.did(ann, .send(1, "other")) == .rejected(.duplicateConflict))
        #expect(one.message(1)?.tombstone != nil && one.content(1) == nil)
    }

    @Test func aRejectedSendLeavesItsMessageIDFree() {
        var one = Room(ann)
        #expect(one.did(bob, .send(1, "first")) == .rejected(.notParticipant))
        #expect(one.did(ann, .send(1, "second")) == .accepted)
        #expect(one.content(1) == "second" && one.message(1)?.sender == ann)
    }

    // MARK: Ids and ords

    @Test func aCommandIDIsJudgedOnceWhateverItCarriesLater() {
        var one = Room(ann)
        #expect(one.did(ann, .send(1), id: command(1)) == .accepted)
        #expect(one.did(ann, .send(2), id: command(1)) == .duplicate)
        #expect(one.did(bob, .rename("mine"), id: command(1)) == .duplicate)
        #expect(one.did(bob, .send(3), id: command(2)) == .rejected(.notParticipant))
        #expect(one.did(ann, .send(3), id: command(2)) == .duplicate)
        #expect(one.did(ann, .edit(9), id: command(3)) == .orphaned)
        #expect(one.did(ann, .edit(9), id: command(3)) == .duplicate)
        #expect(one.did(ann, .send(2), id: command(1), in: otherRoom) == .rejected(.notParticipant))
        #expect(one.message(2) == nil && one.message(3) == nil && one.waiting == 1)
        #expect(one.rejections == [.notParticipant, .notParticipant])
    }

    @Test func aRejectedCommandIsNotJudgedAgainWhenItWouldBeAllowed() {
        var one = Room(ann)
        one.did(bob, .send(1), id: command(1))
        one.did(ann, .add(bob))
        #expect(one.did(bob, .send(1), id: command(1)) == .duplicate)
        #expect(one.message(1) == nil)
    }

    @Test func everyRecordMovesTheOrdAndNoneGoesBack() {
        var one = Room(ann)
        one.did(ann, .send(1), at: 5_000)
        one.did(ann, .send(2), at: 5_000)
        one.did(bob, .send(9), at: 4_000)
        one.did(ann, .send(1), at: 3_000)
        one.did(ann, .send(3), at: 2_000)
        #expect([1, 2, 3].map { one.message($0)?.ord } == [5_000, 5_001, 5_004])
        one.did(ann, .send(4), at: 6_000)
        #expect(one.message(4)?.ord == 6_000 && one.row.lastOrd == 6_000 && one.row.lastSend == 6_000)
        one.did(ann, .create(), in: otherRoom, at: 100)
        #expect(one.fold.row(of: otherRoom)?.lastOrd == 100)
    }

    @Test func aRejectionSaysWhoWhatWhereAndWhy() throws {
        var one = Room(ann)
        one.did(bob, .rename("mine"), id: command(7))
        let found = try #require(one.fold.changes.rejections.first)
        #expect(
            found.command == command(7) && found.actor == bob && found.name == "rename" && found.conversation == room)
        #expect(found.offset == 1 && found.ord == one.now && found.reason == .notParticipant)
    }

    @Test func thePersonalScopeKeepsNeitherRejectionsNorTitlesNorContent() {
        var fold = ConversationFold(scope: .personal)
        var offset: Int64 = 0
        func apply(_ actor: MemberID, _ what: Command) -> Outcome {
            offset += 1
            let record = Record(id: command(UInt64(offset)), actor: actor, conversation: room, command: what)
            return fold.apply(LoggedRecord(record: record, partition: 0, offset: offset, appendTime: offset))
        }
        #expect(apply(ann, .create(bob)) == .accepted)
        #expect(apply(ann, .rename("title")) == .accepted)
        #expect(apply(cat, .send(1)) == .rejected(.notParticipant))
        #expect(apply(ann, .send(1, "body")) == .accepted)
        #expect(fold.changes.rejections.isEmpty && fold.row(of: room)?.title == nil)
        fold.forEachMessage { _, row, _ in #expect(row.content == nil) }
    }
}
