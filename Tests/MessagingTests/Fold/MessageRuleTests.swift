import Messaging
import Testing

/// SEMANTICS rules 3 to 12 and 17: what happens to a message.
@Suite struct MessageRuleTests {
    // MARK: Rules 3 and 4

    @Test func onlyTheSenderEditsAndOnlyAsAParticipant() {
        var one = Room(ann, bob)
        one.did(bob, .send(1))
        #expect(one.did(ann, .edit(1)) == .rejected(.notAllowed))
        #expect(one.did(cat, .edit(1)) == .rejected(.notParticipant))
        #expect(one.did(bob, .edit(1)) == .accepted)
        one.did(bob, .remove(bob))
        #expect(one.did(bob, .edit(1)) == .rejected(.notParticipant))
        one.did(ann, .add(bob))
        #expect(one.did(bob, .edit(1)) == .accepted)
        #expect(one.versions(1).count == 2)
    }

    @Test func theLatestEditIsCurrentAndEveryVersionIsKept() {
        var one = Room(ann)
        one.did(ann, .send(1, "first"), id: command(1))
        one.did(ann, .edit(1, "second"), id: command(2))
        one.did(ann, .edit(1, "third"), id: command(3))
        #expect(one.message(1)?.current == command(3) && one.message(1)?.original == command(1))
        #expect(one.content(1) == "first")
        #expect(one.versions(1).map(\.id) == [command(2), command(3)])
        #expect(one.versions(1).map { $0.content?.bytes } == [Array("second".utf8), Array("third".utf8)])
    }

    @Test func aClosedConversationRejectsSendsAndNothingElse() {
        var one = Room(ann, bob)
        one.did(bob, .send(1))
        one.did(ann, .close())
        for what in [Command.edit(1), .react(1), .rename("a"), .add(cat), .remove(ann)] {
            #expect(one.did(what == .remove(ann) ? ann : bob, what) == .accepted)
        }
        #expect(one.did(bob, .delete(1)) == .accepted)
        #expect(one.did(bob, .send(2)) == .rejected(.closed))
    }

    @Test func anEditThatExpectsAnotherVersionIsAConflict() {
        var one = Room(ann)
        one.did(ann, .send(1), id: command(1))
        #expect(one.did(ann, .edit(1, expected: command(9))) == .rejected(.versionConflict))
        #expect(one.did(ann, .edit(1, expected: command(1)), id: command(2)) == .accepted)
        #expect(one.did(ann, .edit(1, expected: command(1))) == .rejected(.versionConflict))
        #expect(one.did(ann, .edit(1, expected: command(2)), id: command(3)) == .accepted)
        one.did(ann, .withdraw(command(3), of: 1))
        #expect(one.did(ann, .edit(1, expected: command(3))) == .rejected(.versionConflict))
        #expect(one.did(ann, .edit(1, expected: command(2))) == .accepted)
    }

    // MARK: Rule 5

    @Test func whatNamesAnUnknownMessageWaitsAndIsJudgedInTheOrderOfPositions() {
        var one = Room(ann, bob)
        #expect(one.did(bob, .edit(1, "one", expected: command(9)), id: command(2)) == .orphaned)
        #expect(one.did(bob, .react(1)) == .orphaned)
        #expect(one.did(bob, .edit(1, "two", expected: command(2)), id: command(3)) == .orphaned)
        #expect(one.did(ann, .edit(1, "not mine")) == .orphaned)
        #expect(one.waiting == 4 && one.row.waitingCount == 4)
        #expect(one.did(bob, .send(1), id: command(9)) == .accepted)
        #expect(one.waiting == 0 && one.row.waitingCount == 0)
        #expect(one.message(1)?.current == command(3) && one.versions(1).map(\.id) == [command(2), command(3)])
        #expect(one.reactions(1) == ["2/+1"])
        #expect(one.rejections == [.notAllowed])
    }

    @Test func aWaitingCommandHasTheRightsOfItsOwnTime() {
        var one = Room(ann, bob, cat)
        one.did(bob, .edit(1, "then inside"))
        one.did(bob, .react(1, "inside"))
        one.did(ann, .delete(2))
        one.did(dan, .react(1, "outside"))
        one.did(bob, .remove(bob))
        one.did(ann, .remove(ann))
        one.did(cat, .add(dan))
        #expect(one.did(bob, .send(1)) == .rejected(.notParticipant) && one.waiting == 4)
        one.did(cat, .add(bob))
        one.did(bob, .send(1))
        one.did(cat, .send(2))
        #expect(one.versions(1).count == 1 && one.reactions(1) == ["2/inside"])
        #expect(one.message(2)?.tombstone?.by == ann)
        #expect(one.rejections == [.notParticipant, .notParticipant])
    }

    @Test func anOutsidersCommandWaitsTooAndIsRejectedOnArrival() throws {
        var one = Room(ann)
        #expect(one.did(bob, .delete(1), id: command(5)) == .orphaned)
        let asked = one.now
        one.did(ann, .send(1))
        let found = try #require(one.fold.changes.rejections.first)
        #expect(found.reason == .notAllowed && found.command == command(5) && found.ord == asked && found.offset == 1)
        #expect(one.message(1)?.tombstone == nil)
    }

    @Test func tenThousandCommandsWaitAndTheNextIsTooMany() {
        var one = Room(ann)
        for number in 0..<UInt64(Limits.waitingPerConversation) { one.did(ann, .react(2 + number % 3)) }
        #expect(one.row.waitingCount == 10_000)
        #expect(one.did(ann, .edit(1)) == .rejected(.tooMany))
        #expect(one.did(bob, .delete(1)) == .rejected(.tooMany))
        one.did(ann, .send(2))
        #expect(one.row.waitingCount < 10_000)
        #expect(one.did(ann, .edit(1)) == .orphaned)
    }

    // MARK: Rules 6 to 10

    @Test func nothingOfADeletedMessageBecomesVisibleAgain() {
        var one = Room(ann, bob)
        one.did(ann, .send(1))
        one.did(ann, .edit(1))
        one.did(bob, .react(1))
        #expect(one.did(ann, .delete(1, reason: "wrong")) == .accepted)
        #expect(one.did(ann, .edit(1)) == .rejected(.deleted))
        #expect(one.did(bob, .react(1, "late")) == .accepted)
        #expect(one.did(bob, .edit(1)) == .rejected(.notAllowed))
        #expect(one.content(1) == nil && one.message(1)?.current == nil && one.reactions(1).isEmpty)
        #expect(one.versions(1).map(\.content) == [nil])
    }

    @Test func aTombstoneKeepsWhoWhenWhyAndTheReply() throws {
        var one = Room(ann, bob)
        one.did(bob, .send(1, replyTo: message(3)))
        one.did(ann, .delete(1, reason: "wrong"))
        let row = try #require(one.message(1))
        #expect(row.tombstone == Tombstone(by: ann, ord: one.now, reason: Array("wrong".utf8)))
        #expect(row.replyTo == message(3) && row.sender == bob)
    }

    @Test func theSenderAndModeratorsDeleteAndNobodyElse() {
        var one = Room(ann, bob, cat)
        for number in 1...4 { one.did(bob, .send(UInt64(number))) }
        #expect(one.did(cat, .delete(1)) == .rejected(.notAllowed))
        #expect(one.did(dan, .delete(1)) == .rejected(.notAllowed))
        #expect(one.did(bob, .delete(1)) == .accepted)
        #expect(one.did(ann, .delete(2)) == .accepted)
        one.did(ann, .moderator(ann, false))
        #expect(one.did(ann, .delete(3)) == .rejected(.notAllowed))
        one.did(bob, .remove(bob))
        #expect(one.did(bob, .delete(4)) == .accepted)
    }

    @Test func aDeleteBeforeItsMessageLeavesNoContentIfItWasAllowed() {
        var one = Room(ann, bob, cat)
        one.did(ann, .delete(1))
        let asked = one.now
        one.did(cat, .delete(2))
        #expect(one.did(bob, .send(1)) == .accepted)
        #expect(one.message(1)?.tombstone?.ord == asked && one.content(1) == nil && one.message(1)?.current == nil)
        one.did(bob, .send(2, "alive"))
        #expect(one.content(2) == "alive" && one.rejections == [.notAllowed])
    }

    @Test func theEarliestDeleteIsTheTombstone() {
        var one = Room(ann, bob)
        one.did(bob, .send(1))
        one.did(bob, .delete(1, reason: "first"))
        #expect(one.did(ann, .delete(1, reason: "second")) == .accepted)
        #expect(one.did(cat, .delete(1)) == .rejected(.notAllowed))
        #expect(one.message(1)?.tombstone?.by == bob)
        one.did(ann, .delete(2, reason: "early"))
        one.did(bob, .delete(2, reason: "late"))
        one.did(bob, .send(2))
        #expect(one.message(2)?.tombstone?.reason == Array("early".utf8))
    }

    @Test func repliesOutliveWhatTheyAnswer() {
        var one = Room(ann)
        one.did(ann, .send(1))
        one.did(ann, .send(2, replyTo: message(1)))
        one.did(ann, .delete(1))
        #expect(one.message(2)?.replyTo == message(1) && one.message(2)?.tombstone == nil && one.content(2) == "text")
    }

    // MARK: Rule 11

    @Test func theNewestVersionThatRemainsIsCurrent() {
        var one = Room(ann, bob)
        one.did(bob, .send(1), id: command(1))
        one.did(bob, .edit(1), id: command(2))
        one.did(bob, .edit(1), id: command(3))
        #expect(one.did(bob, .withdraw(command(2), of: 1)) == .accepted)
        #expect(one.message(1)?.current == command(3))
        #expect(one.did(ann, .withdraw(command(3), of: 1)) == .accepted)
        #expect(one.message(1)?.current == command(1))
        #expect(one.versions(1).map(\.content) == [nil, nil] && one.versions(1).allSatisfy { $0.isWithdrawn })
        one.did(bob, .edit(1), id: command(4))
        #expect(one.did(bob, .withdraw(command(1), of: 1)) == .accepted)
        #expect(one.message(1)?.isOriginalWithdrawn == true && one.content(1) == nil)
        #expect(one.message(1)?.current == command(4))
    }

    @Test func aVersionIsWithdrawnByWhomMayDeleteOnceAndNeverTheLastOne() {
        var one = Room(ann, bob, cat)
        one.did(bob, .send(1), id: command(1))
        #expect(one.did(cat, .withdraw(command(1), of: 1)) == .rejected(.notAllowed))
        #expect(one.did(bob, .withdraw(command(9), of: 1)) == .rejected(.notFound))
        #expect(one.did(bob, .withdraw(command(1), of: 1)) == .rejected(.lastVersion))
        one.did(bob, .edit(1), id: command(2))
        #expect(one.did(bob, .withdraw(command(1), of: 1)) == .accepted)
        #expect(one.did(bob, .withdraw(command(1), of: 1)) == .accepted)
        #expect(one.did(bob, .withdraw(command(2), of: 1)) == .rejected(.lastVersion))
        #expect(one.did(cat, .withdraw(command(9), of: 1)) == .rejected(.notAllowed))
        #expect(one.message(1)?.current == command(2))
    }

    @Test func withdrawingAnythingOfADeletedMessageIsAcceptedWithoutEffect() {
        var one = Room(ann, bob)
        one.did(ann, .send(1), id: command(1))
        one.did(ann, .delete(1))
        #expect(one.did(ann, .withdraw(command(1), of: 1)) == .accepted)
        #expect(one.did(ann, .withdraw(command(9), of: 1)) == .accepted)
        #expect(one.did(bob, .withdraw(command(1), of: 1)) == .rejected(.notAllowed))
        #expect(one.message(1)?.isOriginalWithdrawn == false)
    }

    @Test func aWithdrawalBeforeItsMessageIsJudgedOnArrivalInOrder() {
        var one = Room(ann)
        one.did(ann, .edit(1, "kept"), id: command(2))
        one.did(ann, .withdraw(command(1), of: 1))
        one.did(ann, .withdraw(command(2), of: 1))
        one.did(ann, .send(1), id: command(1))
        #expect(one.message(1)?.isOriginalWithdrawn == true && one.content(1) == nil)
        #expect(one.message(1)?.current == command(2) && one.rejections == [.lastVersion])
    }

    /// The same command id in another conversation is another command, so another version.
    @Test func withdrawingAVersionLeavesItsNamesakeInAnotherConversation() {
        var one = Room(ann)
        one.did(ann, .create(), in: otherRoom)
        for place in [room, otherRoom] {
            one.did(ann, .send(1), id: command(1), in: place)
            one.did(ann, .edit(1, "second"), id: command(2), in: place)
        }
        one.did(ann, .withdraw(command(2), of: 1), in: otherRoom)
        #expect(one.versions(1, in: otherRoom).map(\.isWithdrawn) == [true])
        #expect(one.versions(1).map(\.isWithdrawn) == [false])
        #expect(one.versions(1).map { $0.content?.bytes } == [Array("second".utf8)])
    }

    // MARK: Rule 12

    @Test func theLatestReactionOfAMemberAndKindDecides() {
        var one = Room(ann, bob)
        one.did(ann, .send(1))
        one.did(ann, .react(1, "a"))
        one.did(bob, .react(1, "a"))
        one.did(bob, .react(1, "b"))
        one.did(bob, .react(1, "a", on: false))
        #expect(one.did(bob, .react(1, "never", on: false)) == .accepted)
        #expect(one.reactions(1) == ["1/a", "2/b"])
        #expect(one.did(cat, .react(1, "a")) == .rejected(.notParticipant))
        one.did(bob, .remove(bob))
        #expect(one.reactions(1) == ["1/a", "2/b"])
        #expect(one.did(bob, .react(1, "b", on: false)) == .rejected(.notParticipant))
    }

    @Test func theThirtyThirdKindIsTooManyAndAKindThatNobodyHasIsFree() {
        var one = Room(ann, bob)
        one.did(ann, .send(1))
        for number in 1...32 { #expect(one.did(ann, .react(1, "k\(number)")) == .accepted) }
        #expect(one.did(bob, .react(1, "k33")) == .rejected(.tooMany))
        #expect(one.did(bob, .react(1, "k1")) == .accepted)
        one.did(ann, .react(1, "k1", on: false))
        #expect(one.did(bob, .react(1, "k33")) == .rejected(.tooMany))
        one.did(bob, .react(1, "k1", on: false))
        #expect(one.did(bob, .react(1, "k33")) == .accepted)
        #expect(one.did(bob, .react(1, "k1", on: false)) == .accepted)
    }

    @Test func aReactionOnATombstoneNeedsAParticipantAndHasNoEffect() {
        var one = Room(ann)
        one.did(ann, .send(1))
        one.did(ann, .delete(1))
        #expect(one.did(bob, .react(1)) == .rejected(.notParticipant))
        #expect(one.did(ann, .react(1)) == .accepted)
        #expect(one.reactions(1).isEmpty)
    }

    // MARK: Rules 17 and 18

    @Test func aReplyMayNameWhatIsUnknownAndStaysAsSent() {
        var one = Room(ann)
        #expect(one.did(ann, .send(1, replyTo: message(77))) == .accepted)
        one.did(ann, .edit(1))
        #expect(one.message(1)?.replyTo == message(77))
    }

    @Test func sealedContentAboveItsLimitIsTooLargeBeforeAnythingElse() {
        let limit = Limits.contentBytes + Limits.sealingAllowance
        let (fits, large) = (String(repeating: "a", count: limit), String(repeating: "a", count: limit + 1))
        var one = Room(ann)
        #expect(one.did(ann, .send(1, fits)) == .accepted)
        #expect(one.did(ann, .edit(1, fits)) == .accepted)
        #expect(one.did(ann, .send(2, large)) == .rejected(.tooLarge))
        #expect(one.did(bob, .send(2, large)) == .rejected(.tooLarge))
        #expect(one.did(ann, .edit(1, large)) == .rejected(.tooLarge))
        #expect(one.did(bob, .edit(99, large)) == .rejected(.tooLarge))
        #expect(one.did(bob, .send(1, large)) == .rejected(.duplicateConflict))
        #expect(one.did(bob, .send(1, large, direct: ann), in: otherRoom) == .rejected(.tooLarge))
        #expect(one.fold.row(of: otherRoom)?.kind == nil)
        let title = String(repeating: "a", count: Limits.titleBytes + Limits.sealingAllowance + 1)
        #expect(one.did(bob, .rename(title)) == .rejected(.tooLarge))
        #expect(one.did(ann, .rename(String(title.dropLast()))) == .accepted)
    }
}
