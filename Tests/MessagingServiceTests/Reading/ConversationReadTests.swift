import ContentProtection
import Messaging
import MessagingService
import PersonalMetadata
import SharedContent
import TestSupport
import Testing

@Suite(.inEveryStore) struct ConversationReadTests {
    let me = Numbered.member(1)
    let you = Numbered.member(2)
    let id = Numbered.conversation(1)

    @Test func pagesBackwardsAndForwardsGiveEveryMessageOnce() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            for number in 0..<23 { try history.send(id, by: you, "\(number)") }
            try history.project()
            let reads = try history.reads()
            for limit in [1, 4, 23, 24] {
                var pages: [ConversationPage] = []
                var page = ReadPath.PageOfMessages.newest
                while true {
                    let found = try #require(try reads.conversation(id, as: me, page, limit: limit).value)
                    pages.append(found)
                    guard let previous = found.previous else { break }
                    page = .before(previous)
                }
                #expect(pages.reversed().flatMap(\.messages).compactMap(\.text) == (0..<23).map { "\($0)" })
                var forward = pages[pages.count - 1]
                var texts = forward.messages.compactMap(\.text)
                while let next = forward.next, !forward.messages.isEmpty {
                    forward = try #require(try reads.conversation(id, as: me, .after(next), limit: limit).value)
                    texts += forward.messages.compactMap(\.text)
                }
                #expect(texts == (0..<23).map { "\($0)" }, "limit \(limit)")
            }
        }
    }

    @Test func theNewestPageSaysHowToAskForWhatComes() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            let empty = try #require(try history.conversation(id, as: me))
            #expect(empty.messages.isEmpty && empty.previous == nil)
            let token = try #require(empty.next)
            try history.send(id, by: you, "first")
            try history.project()
            let reads = try history.reads()
            let first = try #require(try reads.conversation(id, as: me, .after(token), limit: 5).value)
            #expect(first.messages.map(\.text) == ["first"] && first.previous == nil)
            // Nothing new: an empty page, from which both ways lead on.
            let afterFirst = try #require(first.next)
            let nothing = try #require(try reads.conversation(id, as: me, .after(afterFirst), limit: 5).value)
            #expect(nothing.messages.isEmpty)
            try history.send(id, by: you, "second")
            try history.project()
            let newer = try #require(nothing.next)
            let second = try #require(try reads.conversation(id, as: me, .after(newer), limit: 5).value)
            #expect(second.messages.map(\.text) == ["second"])
            let older = try #require(nothing.previous)
            let back = try #require(try reads.conversation(id, as: me, .before(older), limit: 5).value)
            #expect(back.messages.map(\.text) == ["first"])
        }
    }

    @Test(arguments: [History.fromJoin, .all])
    func historySaysWhatAMemberWhoCameAndWentSees(_ rule: History) throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [], history: rule)
            try history.send(id, by: you, "before")
            for stay in ["first stay", "second stay"] {
                try history.append(you, id, .addParticipants(AddParticipants(members: [me])))
                try history.send(id, by: you, stay)
                try history.append(me, id, .removeParticipant(RemoveParticipant(member: me)))
                try history.send(id, by: you, "after the \(stay)")
            }
            let seen = try #require(try history.conversation(id, as: me)).messages.compactMap(\.text)
            switch rule {
            case .fromJoin: #expect(seen == ["first stay", "second stay"])
            case .all: #expect(seen == ["before", "first stay", "after the first stay", "second stay"])
            }
            let page = try #require(try history.reads().conversation(id, as: me, .newest, limit: 1).value)
            let previous = try #require(page.previous)
            let older = try #require(try history.reads().conversation(id, as: me, .before(previous), limit: 1).value)
            #expect(older.messages.compactMap(\.text) == [seen[seen.count - 2]])
        }
    }

    @Test func whatIsNotThereAndWhatIsNotTheirsHaveOneAnswer() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [])
            let sent = try history.send(id, by: you)
            try history.project()
            let reads = try history.reads()
            for id in [id, Numbered.conversation(9)] {
                #expect(try reads.conversation(id, as: me, .newest, limit: 5).value == nil)
                #expect(try reads.participants(of: id, as: me, after: nil, limit: 5).value == nil)
                #expect(try reads.receipts(of: id, as: me, after: nil, limit: 5).value == nil)
                #expect(try reads.message(ConversationMessage(id, sent.message), as: me).value == nil)
            }
            #expect(try reads.message(ConversationMessage(id, Numbered.message(99)), as: you).value == nil)
        }
    }

    @Test func anEditedMessageShowsItsCurrentVersionAndAllOfThem() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            let sent = try history.send(id, by: you, "one")
            let second = try history.edit(sent, in: id, by: you, "two")
            let third = try history.edit(sent, in: id, by: you, "three")
            let key = ConversationMessage(id, sent.message)
            try history.project()
            var found = try #require(try history.reads().message(key, as: me).value)
            #expect(found.answer.text == "three" && found.answer.message.current == third && found.answer.isEdited)
            #expect(found.versions.map(\.id) == [sent.id, second, third])
            for version in [third, second] {
                try history.append(you, id, .delete(Delete(message: sent.message, version: version, reason: nil)))
            }
            try history.project()
            found = try #require(try history.reads().message(key, as: me).value)
            #expect(found.answer.text == "one" && !found.answer.isEdited && found.versions.map(\.id) == [sent.id])
        }
    }

    @Test func aTombstoneKeepsWhoWhenAndWhyAndNothingElse() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            let sent = try history.send(id, by: you, "secret")
            try history.edit(sent, in: id, by: you, "still secret")
            try history.append(me, id, .react(React(message: sent.message, reaction: [43, 49], on: true)))
            try history.delete(sent, in: id, by: you)
            try history.project()
            let found = try #require(try history.reads().message(ConversationMessage(id, sent.message), as: me).value)
            #expect(found.answer.state == .deleted && found.versions.isEmpty)
            #expect(found.answer.message.current == nil && !found.answer.isEdited)
            #expect(found.answer.message.reactions.isEmpty)
            #expect(found.answer.message.tombstone?.by == you && found.answer.message.tombstone?.ord == sent.ord + 30)
            #expect(found.answer.message.tombstone?.reason == Array("rude".utf8))
        }
    }

    @Test func aHiddenMessageIsListedWithoutContentForTheOneWhoHidIt() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            let sent = try history.send(id, by: you)
            try history.append(me, id, .hide(Mark(message: sent.message, on: true)))
            #expect(try #require(try history.conversation(id, as: me)).messages.map(\.state) == [.hidden])
            #expect(try #require(try history.conversation(id, as: you)).messages.map(\.text) == ["text"])
            let key = ConversationMessage(id, sent.message)
            #expect(try #require(try history.reads().message(key, as: me).value).versions.isEmpty)
        }
    }

    @Test func whatIsReadIsWhatIsAtOrBelowTheMarkerOrTheOwnLastMessage() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            let messages = try (0..<3).map { _ in try history.send(id, by: you) }
            try history.read(id, by: me, upTo: messages[0].ord, isPrivate: true)
            #expect(try #require(try history.conversation(id, as: me)).messages.map(\.isRead) == [true, false, false])
            try history.send(id, by: me)
            try history.send(id, by: you)
            #expect(
                try #require(try history.conversation(id, as: me)).messages.map(\.isRead)
                    == [true, true, true, true, false])
        }
    }

    @Test func anErasedAuthorsMessagesAreErasedWhateverElseTheyAre() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me], title: "ours")
            let live = try history.send(id, by: you, "live")
            let edited = try history.send(id, by: you, "original")
            let deleted = try history.send(id, by: you, "deleted")
            let mine = try history.send(id, by: me, "mine")
            try history.append(me, id, .react(React(message: live.message, reaction: [43, 49], on: true)))
            try history.delete(deleted, in: id, by: you)
            try history.append(me, id, .hide(Mark(message: live.message, on: true)))
            try history.keys.destroyKeys(of: [.member(you)])
            try history.edit(edited, in: id, by: you, "written after the erasure")
            let page = try #require(try history.conversation(id, as: me))
            #expect(page.conversation.title == nil)
            #expect(page.messages.map(\.state).map { $0 == .erased } == [true, false, true, false])
            #expect(page.messages[0].message.reactions.count == 1 && page.messages[0].message.current == live.id)
            #expect(page.messages[1].text == "written after the erasure")
            #expect(page.messages[2].message.tombstone != nil && page.messages[2].message.current == nil)
            #expect(page.messages[3].message.key.message == mine.message && page.messages[3].text == "mine")
            let found = try #require(try history.reads().message(ConversationMessage(id, edited.message), as: me).value)
            #expect(found.versions.map { $0.content == nil } == [true, false])
            // The version that was in force when it was deleted decides.
            try history.delete(edited, in: id, by: you)
            #expect(try #require(try history.conversation(id, as: me)).messages[1].state == .deleted)
        }
    }

    @Test func anErasedConversationKeepsItsRowWithoutATitle() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me], title: "ours")
            try history.send(id, by: you)
            #expect(try history.mailbox(of: me).rows[0].title == Array("ours".utf8))
            try history.keys.destroyKeys(of: [.conversation(id)])
            let row = try history.mailbox(of: me).rows[0]
            #expect(row.title == nil && row.entry.unread.count == 1)
        }
    }
}
