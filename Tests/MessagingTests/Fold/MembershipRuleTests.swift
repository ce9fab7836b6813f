import Messaging
import Testing

/// SEMANTICS rules 13 to 16 and 28: who is inside, and what that allows.
@Suite struct MembershipRuleTests {
    // MARK: Rule 13

    @Test func membershipIsAListOfIntervals() {
        var one = Room(ann, bob)
        let joined = one.now
        one.did(bob, .remove(bob))
        let left = one.now
        one.did(ann, .add(bob))
        #expect(
            one.intervals(bob) == [
                MembershipInterval(joined: joined, left: left, isModerator: false),
                MembershipInterval(joined: one.now, left: nil, isModerator: false),
            ])
        #expect(one.row.participantCount == 2)
    }

    @Test func participantsAddAndOnlyModeratorsRemoveOthers() {
        var one = Room(ann, bob)
        #expect(one.did(bob, .add(cat)) == .accepted)
        #expect(one.did(bob, .remove(cat)) == .rejected(.notAllowed))
        #expect(one.did(dan, .remove(cat)) == .rejected(.notParticipant))
        #expect(one.did(dan, .add(dan)) == .rejected(.notParticipant))
        #expect(one.did(ann, .remove(cat)) == .accepted)
        #expect(!one.isInside(cat) && one.row.participantCount == 2)
    }

    @Test func whatChangesNothingIsAcceptedByWhomMayDoIt() {
        var one = Room(ann, bob)
        let intervals = one.intervals(bob)
        #expect(one.did(ann, .add(bob, ann)) == .accepted)
        #expect(one.did(ann, .remove(cat)) == .accepted)
        #expect(one.did(bob, .remove(cat)) == .rejected(.notAllowed))
        #expect(one.did(dan, .remove(cat)) == .rejected(.notParticipant))
        #expect(one.did(dan, .remove(dan)) == .accepted)
        #expect(one.intervals(bob) == intervals && one.intervals(cat).isEmpty && one.row.participantCount == 2)
    }

    @Test func oneAddIsAllOrNothing() {
        var one = Room(ann)
        let many = (0..<UInt64(Limits.participants - 2)).map(MemberID.numbered)
        #expect(one.did(ann, .addParticipants(AddParticipants(members: many))) == .accepted)
        #expect(one.row.participantCount == 4_999)
        #expect(one.did(ann, .add(bob, cat)) == .rejected(.tooMany))
        #expect(!one.isInside(bob) && one.row.participantCount == 4_999)
        #expect(one.did(dan, .add(bob, cat)) == .rejected(.notParticipant))
        #expect(one.did(ann, .add(bob, bob, ann)) == .accepted)
        #expect(one.did(ann, .add(bob)) == .accepted)
        #expect(one.did(ann, .add(cat)) == .rejected(.tooMany))
        one.did(bob, .remove(bob))
        #expect(one.did(ann, .add(cat)) == .accepted)
    }

    @Test func aGroupOfMoreThanFiveThousandIsNotCreated() {
        var one = Room(nil)
        func create(_ count: UInt64) -> Command {
            .createConversation(
                CreateConversation(participants: (0..<count).map(MemberID.numbered), title: nil, history: .fromJoin))
        }
        #expect(one.did(ann, create(5_000)) == .rejected(.tooMany))
        #expect(one.row.kind == nil)
        #expect(one.did(.numbered(0), create(5_000)) == .accepted)
        #expect(one.row.participantCount == 5_000)
    }

    // MARK: Rule 14

    @Test func whoLeftMayOnlyDeleteTheirOwnMessages() {
        var one = Room(ann, bob)
        one.did(bob, .send(1))
        one.did(ann, .send(2))
        one.did(bob, .remove(bob))
        for what in [Command.send(3), .edit(1), .react(2), .add(cat), .rename("a")] {
            #expect(one.did(bob, what) == .rejected(.notParticipant))
        }
        #expect(one.did(bob, .delete(2)) == .rejected(.notAllowed))
        #expect(one.did(bob, .delete(1)) == .accepted)
    }

    // MARK: Rule 15

    @Test func theLatestTitleHolds() throws {
        var one = Room(nil)
        let create = CreateConversation(participants: [bob], title: Sealed([1]), history: .fromJoin)
        one.did(ann, .createConversation(create), id: command(1))
        let made = one.now
        #expect(one.row.title == Title(sealed: Sealed([1]), author: ann, command: command(1), ord: made))
        #expect(one.did(bob, .rename("new"), id: command(2)) == .accepted)
        #expect(one.did(cat, .rename("no")) == .rejected(.notParticipant))
        #expect(one.title == "new" && one.row.title?.author == bob && one.row.title?.command == command(2))
    }

    @Test func onlyModeratorsCloseAndReopen() {
        var one = Room(ann, bob)
        #expect(one.did(bob, .close()) == .rejected(.notAllowed))
        #expect(one.did(cat, .close()) == .rejected(.notParticipant))
        #expect(one.did(ann, .close()) == .accepted && one.row.isClosed)
        #expect(one.did(ann, .close()) == .accepted && one.row.isClosed)
        #expect(one.did(ann, .close(false)) == .accepted && !one.row.isClosed)
    }

    // MARK: Rule 16

    @Test func moderatorsNameAndUnnameAnyParticipant() {
        var one = Room(ann, bob, cat)
        #expect(one.did(bob, .moderator(bob)) == .rejected(.notAllowed))
        #expect(one.did(ann, .moderator(dan)) == .rejected(.notParticipant))
        #expect(one.did(dan, .moderator(ann)) == .rejected(.notParticipant))
        #expect(one.did(bob, .moderator(dan)) == .rejected(.notParticipant))
        #expect(one.did(ann, .moderator(bob)) == .accepted && one.isModerator(bob))
        #expect(one.did(bob, .moderator(ann, false)) == .accepted && !one.isModerator(ann))
        #expect(one.did(ann, .moderator(ann)) == .rejected(.notAllowed))
        #expect(one.intervals(bob).count == 1)
    }

    @Test func leavingEndsTheOffice() {
        var one = Room(ann, bob)
        one.did(ann, .remove(ann))
        #expect(one.intervals(ann).map(\.isModerator) == [false])
        one.did(bob, .add(ann))
        #expect(!one.isModerator(ann))
        #expect(one.did(ann, .remove(bob)) == .rejected(.notAllowed))
    }

    @Test func aDirectConversationIsOfItsTwoForGood() {
        var one = Room(nil)
        one.did(ann, .send(1, direct: bob))
        for what in [Command.add(cat), .remove(bob), .remove(ann), .rename("a"), .close(), .moderator(bob)] {
            #expect(one.did(ann, what) == .rejected(.notAllowed))
        }
        #expect(one.did(cat, .remove(cat)) == .rejected(.notAllowed))
        for what in [Command.add(cat), .remove(bob), .rename("a"), .close(), .moderator(bob)] {
            #expect(one.did(cat, what) == .rejected(.notParticipant))
        }
        #expect(one.row.participantCount == 2 && one.title == nil && !one.row.isClosed)
        #expect(one.did(bob, .delete(1)) == .rejected(.notAllowed))
    }

    // MARK: Rule 28

    @Test func aConversationIsBigAboveSixtyFourAndSmallAgainBelowFortyEight() {
        var one = Room(ann)
        one.did(ann, .addParticipants(AddParticipants(members: (1...63).map { .numbered($0) })))
        #expect(one.row.participantCount == 64 && !one.row.isBig)
        one.did(ann, .add(bob))
        #expect(one.row.isBig)
        for number in 1...17 { one.did(ann, .remove(.numbered(UInt64(number)))) }
        #expect(one.row.participantCount == 48 && one.row.isBig)
        one.did(bob, .remove(bob))
        #expect(one.row.participantCount == 47 && !one.row.isBig)
        one.did(ann, .add(bob))
        #expect(!one.row.isBig)
    }
}
