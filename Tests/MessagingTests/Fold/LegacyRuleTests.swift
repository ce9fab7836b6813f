import Messaging
import Testing

/// SEMANTICS section D, and rule 22, a sentence a test.
@Suite struct LegacyRuleTests {
    @Test func aLegacyMessageHasTheTimeItWasSentAt() {
        var room = Room(ann, bob)
        room.legacy(ann, .sent(1, at: 40), version: 41)
        #expect(room.message(1)?.ord == 40 && room.row.lastSend == 40)
        room.did(ann, .send(2))
        #expect(room.message(2)?.ord == room.now)
    }

    @Test func aLegacyWriteIsNotRefusedForMembershipRightOrClosing() {
        var room = Room(ann)
        room.did(ann, .close())
        #expect(room.legacy(bob, .sent(1, at: 5), version: 5) == .accepted)
        #expect(room.legacy(cat, .delete(1), version: 6) == .accepted)
        var nowhere = Room(nil)
        #expect(nowhere.legacy(bob, .sent(1, at: 5), version: 5) == .accepted)
        #expect(nowhere.row.kind == .group)
    }

    @Test func theCopyWithTheHighestVersionSaysWhatWasSentAndDisagreeingIsReportedOnce() {
        var room = Room(ann)
        for (text, version) in [("x", 10), ("y", 12), ("x", 11), ("y", 12)] as [(String, Int64)] {
            room.legacy(ann, .sent(1, text, at: 5), id: command(7), version: version)
        }
        #expect(room.content(1) == "y" && room.message(1)?.sourceVersion == 12)
        #expect(room.rejections == [.versionConflict])
    }

    @Test func whatTellsNoOriginalGivesWayToWhatDoes() {
        var room = Room(ann)
        room.legacy(ann, .sent(1, "", at: 5), id: command(7), version: Record.placeholderVersion)
        room.legacy(ann, .sent(1, "x", at: 5), id: command(7), version: 6)
        #expect(room.content(1) == "x" && room.rejections.isEmpty)
    }

    @Test func aTombstoneIsTheEarliestAndNothingComesBack() {
        var room = Room(ann)
        room.legacy(ann, .sent(1, at: 5), version: 6)
        room.legacy(ann, .delete(1), id: command(8), version: 30)
        room.legacy(bob, .delete(1), id: command(8), version: 20)
        #expect(room.message(1)?.tombstone?.ord == 20 && room.message(1)?.tombstone?.by == bob)
        room.legacy(ann, .sent(1, "again", at: 5), id: command(9), version: 40)
        #expect(room.content(1) == nil && room.message(1)?.tombstone != nil)
    }

    @Test func aTitleIsTheLatestByVersionOrOrd() {
        var room = Room(ann)
        room.did(ann, .rename("native"))
        room.legacy(bob, .rename("old"), version: room.now - 1)
        #expect(room.title == "native")
        room.legacy(bob, .rename("new"), version: room.now + 1)
        #expect(room.title == "new")
        room.did(ann, .rename("later"))
        #expect(room.title == "later")
    }

    @Test func staysMakeOneSetOfIntervalsWhateverTheirOrder() {
        let stays = [
            Stay(member: bob, joined: 10, left: nil), Stay(member: bob, joined: 10, left: 20),
            Stay(member: bob, joined: 30, left: nil), Stay(member: bob, joined: 30, left: 40),
        ]
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            var room = Room(ann)
            for number in order { room.legacy(bob, .stay(stays[number]), version: 50) }
            let intervals = room.intervals(bob).sorted { $0.joined < $1.joined }
            #expect(intervals.map(\.joined) == [10, 30] && intervals.map(\.left) == [20, 40])
            #expect(room.row.participantCount == 1)
        }
    }

    @Test func whoMadeAThreadModeratesWhileInside() {
        var room = Room(nil)
        room.legacy(bob, .stay(Stay(member: bob, joined: 10, left: nil)), version: 10)
        #expect(!room.isModerator(bob))
        room.legacy(
            bob, .createConversation(CreateConversation(participants: [], title: nil, history: .fromJoin)), version: 9)
        #expect(room.isModerator(bob))
    }

    // MARK: - Rule 22

    @Test func aCopysFlagDecidesUntilALaterReadReachesTheMessage() {
        var desk = Desk(ann, bob)
        desk.legacy(ann, .sent(1, at: 500), version: 501)
        desk.legacy(bob, .copy(1, ord: 500, isRead: false), version: 2_000)
        #expect(desk.row(bob).unreadFlags == 1)
        // Not later than the flag, or not as far as the message.
        desk.did(bob, .read(600), at: 1_500)
        desk.did(bob, .read(499), at: 2_500)
        #expect(desk.mark(bob, 1)?.readFlag == false && desk.row(bob).unreadFlags == 1)
        desk.did(bob, .read(500), at: 3_000)
        #expect(desk.mark(bob, 1)?.readFlag == nil && desk.row(bob).unreadFlags == 0)
    }

    @Test func aFlagFromBeforeAReadThatReachedTheMessageComesTooLate() {
        var desk = Desk(ann, bob)
        desk.did(bob, .read(600), at: 3_000)
        desk.did(bob, .read(100), at: 4_000)
        desk.legacy(bob, .copy(1, ord: 500, isRead: false), version: 2_999)
        #expect(desk.mark(bob, 1)?.readFlag == nil)
        // The read at 4,000 did not reach it.
        desk.legacy(bob, .copy(1, ord: 500, isRead: false), version: 3_500)
        #expect(desk.mark(bob, 1)?.readFlag == false && desk.row(bob).unreadFlags == 1)
    }

    @Test func aReadThatWaitedForItsMessageOverrulesFlagsFromBeforeIt() {
        var desk = Desk(ann, bob)
        desk.did(bob, .read(message: 1), at: 3_000)
        desk.legacy(bob, .copy(1, ord: 500, isRead: false), version: 2_000)
        #expect(desk.row(bob).unreadFlags == 1)
        desk.legacy(ann, .sent(1, at: 500), version: 501)
        #expect(desk.row(bob).unreadFlags == 0 && desk.row(bob).readPublic == 500)
    }

    @Test func marksOfACopyAndOfTheMemberAreOneRegister() {
        var desk = Desk(ann, bob)
        desk.did(bob, .star(1), at: 3_000)
        desk.legacy(bob, .copy(1, ord: 5, isRead: true), version: 2_000)
        #expect(desk.mark(bob, 1)?.isStarred == true)
        desk.legacy(bob, .copy(1, ord: 5, isRead: true), version: 4_000)
        #expect(desk.mark(bob, 1)?.isStarred == false)
    }

    @Test func aLateMessageCountsForWhoWasThereWhenItWasSent() {
        var desk = Desk(ann)
        desk.legacy(bob, .stay(Stay(member: bob, joined: 100, left: 300)), version: 300)
        desk.legacy(ann, .sent(1, at: 200), version: 201)
        #expect(desk.row(bob).lastSeenSend == 200)
        desk.legacy(ann, .sent(2, at: 400), version: 401)
        #expect(desk.row(bob).lastSeenSend == 200 && desk.row(bob).left == 300)
    }

    @Test func aLeavingBehindAMessageThatIsAheadLeavesTheOneBefore() {
        var desk = Desk(ann, bob)
        desk.did(ann, .send(1))
        let first = desk.now
        desk.legacy(ann, .sent(2, at: 9_000_000), version: 9_000_000)
        desk.did(bob, .remove(bob))
        #expect(desk.row(bob).lastSeenSend == first)
    }
}

extension Command {
    static func sent(_ number: UInt64, _ text: String = "text", at ord: Int64) -> Command {
        guard case .send(var send) = Command.send(number, text) else { preconditionFailure() }
        send.legacyOrd = ord
        return .send(send)
    }

    static func copy(_ number: UInt64, ord: Int64, isRead: Bool?) -> Command {
        .copyState(CopyState(message: message(number), ord: ord, isRead: isRead, isStarred: false, isHidden: false))
    }
}
