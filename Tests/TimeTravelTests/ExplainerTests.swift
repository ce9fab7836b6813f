import EventLog
import Messaging
import TestSupport
import Testing
import TimeTravel
import Wire

/// What made fields what they are.
@Suite struct ExplainerTests {
    private let ada: MemberID = id(1)
    private let bob: MemberID = id(2)
    private let room: ConversationID = id(7)

    private func key(_ number: UInt64) -> ConversationMessage { ConversationMessage(room, id(number)) }

    /// Ada and Bob in a room, message 50 of Ada's in it.
    private func roomWithAMessage() throws -> ToldLog {
        let told = ToldLog()
        let create = CreateConversation(participants: [bob], title: nil, history: .fromJoin)
        try told.append(.createConversation(create), id: id(100), by: ada, in: room, at: 2_000)
        try told.append(.send(50), id: id(101), by: ada, in: room, at: 3_000)
        return told
    }

    private func ids(_ field: ExplainedField?) -> [CommandID?] { field?.causes.map(\.id) ?? [] }

    @Test func theLastChangeOfAFieldIsItsCause() throws {
        let told = try roomWithAMessage()
        try told.append(.edit(50, 9), id: id(102), by: ada, in: room, at: 4_000)
        try told.append(.close(Close(on: true)), id: id(103), by: ada, in: room, at: 5_000)
        let message = try #require(try told.explain(.message(key(50), as: nil)))
        #expect(ids(message["sender"]) == [id(101)])
        #expect(ids(message["version"]) == [id(102)])
        #expect(ids(message["content"]) == [id(102)])
        #expect(message["content"]?.value == nil)
        #expect(message["edited"]?.value == .bool(true))
        let conversation = try #require(try told.explain(.conversation(room)))
        #expect(ids(conversation["closed"]) == [id(103)])
        #expect(ids(conversation["participants.\(bob).1.joined"]) == [id(100)])
    }

    @Test func whatWaitedIsToldApartFromTheSendThatLetIt() throws {
        let told = ToldLog()
        let create = CreateConversation(participants: [bob], title: nil, history: .fromJoin)
        try told.append(.createConversation(create), id: id(100), by: ada, in: room, at: 2_000)
        try told.append(.edit(50, 8), id: id(102), by: ada, in: room, at: 3_000)
        try told.append(.edit(50, 9), id: id(103), by: ada, in: room, at: 3_000)
        try told.append(.edit(50, 7), id: id(104), by: bob, in: room, at: 3_000)
        let react = React(message: id(50), reaction: Array("+1".utf8), on: true)
        try told.append(.react(react), id: id(105), by: bob, in: room, at: 4_000)
        let read = Read(upTo: .message(id(50)), isPrivate: false)
        try told.append(.read(read), id: id(106), by: bob, in: room, at: 4_500)
        try told.append(.send(50), id: id(101), by: ada, in: room, at: 5_000)
        let message = try #require(try told.explain(.message(key(50), as: bob)))
        #expect(ids(message["sender"]) == [id(101)])
        #expect(ids(message["version"]) == [id(103), id(101)])
        #expect(ids(message["reactions.+1.\(bob)"]) == [id(105), id(101)])
        #expect(ids(message["read"]) == [id(106), id(101)])
        #expect(message["refused"]?.causes.map(\.id) == [id(104)])
        #expect(message["refused"]?.causes.first?.reason == "notAllowed")
        #expect(message["version"]?.causes.map(\.outcome) == ["accepted", "accepted"])
    }

    /// An é of one scalar and one of two are equal as strings, and two reactions.
    @Test func reactionsThatLookAlikeAreExplainedApart() throws {
        let told = try roomWithAMessage()
        let alike = ["\u{e9}", "e\u{301}"]
        for (number, reaction) in alike.enumerated() {
            let react = React(message: id(50), reaction: Array(reaction.utf8), on: true)
            try told.append(.react(react), id: id(102 + UInt64(number)), by: bob, in: room, at: 4_000)
        }
        let fields = try #require(try Explainer(.message(key(50), as: nil), in: told.log, asOf: nil).run())
        for (number, reaction) in alike.enumerated() {
            let name = Array("reactions.\(reaction).\(bob)".utf8)
            let found = fields.filter { Array($0.name.utf8) == name }
            #expect(found.count == 1 && ids(found.first) == [id(102 + UInt64(number))])
        }
    }

    @Test func aDeleteThatWaitedIsWhyTheMessageWasBornDead() throws {
        let told = ToldLog()
        let create = CreateConversation(participants: [bob], title: nil, history: .fromJoin)
        try told.append(.createConversation(create), id: id(100), by: ada, in: room, at: 2_000)
        let delete = Delete(message: id(50), version: nil, reason: Array("no".utf8))
        try told.append(.delete(delete), id: id(102), by: ada, in: room, at: 3_000)
        try told.append(.send(50), id: id(101), by: bob, in: room, at: 5_000)
        let message = try #require(try told.explain(.message(key(50), as: nil)))
        #expect(ids(message["state"]) == [id(102), id(101)])
        #expect(ids(message["deletedBy"]) == [id(102), id(101)])
        #expect(message["deleteReason"]?.value == nil)
        #expect(ids(message["sender"]) == [id(101)])
    }

    @Test func aCountIsExplainedSinceItWasLastNothing() throws {
        let told = try roomWithAMessage()
        try told.append(.read(Read(upTo: .ord(3_000), isPrivate: true)), id: id(110), by: bob, in: room, at: 4_000)
        try told.append(.send(51), id: id(111), by: ada, in: room, at: 5_000)
        try told.append(.send(52), id: id(112), by: ada, in: room, at: 6_000)
        try told.append(.hide(Mark(message: id(51), on: true)), id: id(113), by: bob, in: room, at: 7_000)
        let unread = try #require(try told.explain(.unread(room, as: bob)))
        #expect(unread["unread"]?.value == .int(1))
        #expect(ids(unread["unread"]) == [id(110), id(111), id(112), id(113)])
        #expect(ids(unread["readUpTo"]) == [id(110)])
    }

    @Test func aRefusedCommandIsExplainedByWhatWasSoThen() throws {
        let told = try roomWithAMessage()
        try told.append(.close(Close(on: true)), id: id(103), by: ada, in: room, at: 5_000)
        try told.append(.send(51), id: id(104), by: bob, in: room, at: 6_000)
        try told.append(.close(Close(on: false)), id: id(105), by: ada, in: room, at: 7_000)
        try told.append(.send(51), id: id(104), by: bob, in: room, at: 8_000)
        let command = try #require(try told.explain(.command(room, id(104), as: nil)))
        #expect(command["outcome"]?.value == .string(Array("rejected".utf8)))
        #expect(command["reason"]?.value == .string(Array("closed".utf8)))
        #expect(command["closed"]?.value == .bool(true))
        #expect(ids(command["closed"]) == [id(103)])
        #expect(command["copies"]?.value == .int(1))
    }

    @Test func whatNeverWasIsSaidOfAnOutsider() throws {
        let told = try roomWithAMessage()
        try told.append(.send(51), id: id(104), by: id(3), in: room, at: 6_000)
        let command = try #require(try told.explain(.command(room, id(104), as: nil)))
        let outsider: MemberID = id(3)
        #expect(command["participants.\(outsider)"]?.value == .null)
        #expect(command["participants.\(outsider)"]?.causes == [])
    }

    @Test func aParkedLaneIsSaid() throws {
        let told = try roomWithAMessage()
        let junk = try told.appendJunk(key: room.value, at: 4_000)
        try told.append(.edit(50, 9), id: id(102), by: ada, in: room, at: 5_000)
        let message = try #require(try told.explain(.message(key(50), as: nil)))
        #expect(ids(message["version"]) == [id(101)])
        #expect(message["parked"]?.value == .int(2))
        #expect(message["parked"]?.causes.first?.position == junk)
        #expect(message["parked"]?.causes.map(\.outcome) == ["parked", "parked"])
    }

    @Test func whatTheMemberAskedOfOtherConversationsCountsByItsIds() throws {
        let told = try roomWithAMessage()
        // The same command id, first about another conversation: here it is a copy and changes nothing.
        try told.append(.mute(Mute(on: true)), id: id(120), by: bob, in: id(8), at: 4_000)
        try told.append(.mute(Mute(on: true)), id: id(120), by: bob, in: room, at: 5_000)
        let row = try #require(try told.explain(.mailbox(room, as: bob)))
        #expect(row["muted"]?.value == .bool(false))
        #expect(ids(row["muted"]) == [id(100)])
    }

    @Test func aMomentOfThePastIsExplainedAsItWasThen() throws {
        let told = try roomWithAMessage()
        try told.append(.edit(50, 9), id: id(102), by: ada, in: room, at: 4_000)
        let message = try #require(try told.explain(.message(key(50), as: nil), asOf: .time(3_999)))
        #expect(ids(message["version"]) == [id(101)])
        #expect(try told.explain(.message(key(50), as: nil), asOf: .time(2_999)) == nil)
    }

    @Test func nobodysThingIsNotThere() throws {
        let told = try roomWithAMessage()
        #expect(try told.explain(.message(key(99), as: nil)) == nil)
        #expect(try told.explain(.conversation(id(99))) == nil)
        #expect(try told.explain(.unread(room, as: id(99))) == nil)
        #expect(try told.explain(.command(room, id(99), as: nil)) == nil)
    }
}
