import EventLog
import Messaging
import MessagingService
import PersonalMetadata
import TestSupport
import Testing

@Suite(.inEveryStore) struct MailboxReadTests {
    let me = Numbered.member(1)
    let you = Numbered.member(2)

    @Test func newestActivityComesFirstAndTiesGoByID() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            history.step = 0
            let ids = [3, 1, 2].map { Numbered.conversation($0) }
            for id in ids { try history.create(id, by: you, [me]) }
            history.clock.advance(byMicros: 5)
            try history.send(ids[0], by: you)
            let rows = try history.mailbox(of: me).rows
            #expect(rows.map(\.entry.conversation) == [3, 1, 2].map { Numbered.conversation($0) })
            #expect(rows[1].entry.row.activity == rows[2].entry.row.activity)
        }
    }

    /// Small mailboxes are merged at read time, larger ones indexed, and big conversations merged into those: pages of any
    /// size put together are the whole.
    @Test(arguments: [20, 150])
    func pagesPutTogetherAreTheWholeMailbox(_ conversations: Int) throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let crowd = (100..<170).map { Numbered.member($0) }
            for number in 0..<conversations {
                try history.create(
                    Numbered.conversation(UInt64(number)), by: you, number % 9 == 0 ? crowd + [me] : [me])
            }
            // 37 has no divisor in common with either size: every conversation comes once, in no order.
            for number in (0..<conversations).map({ $0 * 37 % conversations }) where number % 3 != 0 {
                try history.send(Numbered.conversation(UInt64(number)), by: you)
            }
            let whole = try history.mailbox(of: me).rows
            #expect(whole.count == conversations)
            #expect(whole.map(\.entry.place) == whole.map(\.entry.place).sorted())
            for limit in [1, 3, 7, conversations - 1, conversations] {
                var rows: [MailboxRow] = []
                var token: PageToken?
                repeat {
                    let page = try history.reads().mailbox(of: me, archived: false, after: token, limit: limit).value
                    #expect(page.rows.count <= limit)
                    rows += page.rows
                    token = page.next
                } while token != nil
                #expect(rows == whole, "limit \(limit)")
            }
        }
    }

    @Test func anArchivedConversationComesBackWithAMessage() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let id = Numbered.conversation(1)
            try history.create(id, by: you, [me])
            let sent = try history.send(id, by: you)
            try history.append(me, id, .archive(Archive(upTo: .message(sent.message))))
            #expect(try history.mailbox(of: me).rows.isEmpty)
            let archived = try history.mailbox(of: me, archived: true)
            #expect(archived.rows.map(\.entry.conversation) == [id])
            #expect(archived.rows[0].entry.unread.count == 1 && archived.badge == 0)
            try history.send(id, by: you)
            let page = try history.mailbox(of: me)
            #expect(page.rows.count == 1 && page.badge == 1)
            #expect(try history.mailbox(of: me, archived: true).rows.isEmpty)
        }
    }

    @Test func aMutedConversationStaysArchived() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let id = Numbered.conversation(1)
            try history.create(id, by: you, [me])
            try history.append(me, id, .mute(Mute(on: true)))
            try history.append(me, id, .archive(Archive(upTo: .ord(0))))
            try history.send(id, by: you)
            #expect(try history.mailbox(of: me, archived: true).rows.count == 1)
            #expect(try history.mailbox(of: me).badge == 0)
        }
    }

    @Test func theFirstMessageOfADirectConversationIsUnread() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.send(Numbered.conversation(1), by: you, to: me)
            let page = try history.mailbox(of: me)
            #expect(page.rows.map(\.entry.unread.count) == [1] && page.badge == 1)
            #expect(page.rows[0].entry.other == you && page.rows[0].entry.kind == .direct)
            #expect(try history.mailbox(of: you).rows.map(\.entry.unread.count) == [0])
        }
    }

    @Test func anUnreadCountStopsAtItsCapAndSaysSo() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let id = Numbered.conversation(1)
            try history.create(id, by: you, [me])
            for _ in 0..<100 { try history.send(id, by: you) }
            #expect(try history.mailbox(of: me).rows[0].entry.unread == UnreadCount(found: 100))
            try history.send(id, by: you)
            let unread = try history.mailbox(of: me).rows[0].entry.unread
            #expect(unread.count == 100 && unread.isCapped)
        }
    }

    @Test func onlyLiveMessagesOfOthersThatAreNotHiddenAreUnread() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let id = Numbered.conversation(1)
            try history.create(id, by: you, [me])
            try history.send(id, by: me)
            let messages = try (0..<4).map { _ in try history.send(id, by: you) }
            try history.delete(messages[1], in: id, by: you)
            try history.append(me, id, .hide(Mark(message: messages[3].message, on: true)))
            #expect(try history.mailbox(of: me).rows[0].entry.unread.count == 2)
            try history.read(id, by: me, upTo: messages[2].ord)
            let page = try history.mailbox(of: me)
            // What is left is hidden, and the badge must not be taken in by it.
            #expect(page.rows[0].entry.unread.count == 0 && page.badge == 0)
        }
    }

    @Test func messagesWhileOneWasAwayAreNotUnreadThoseOfEachStayAre() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let id = Numbered.conversation(1)
            try history.create(id, by: you, [me])
            try history.send(id, by: you)
            try history.append(me, id, .removeParticipant(RemoveParticipant(member: me)))
            let away = try history.send(id, by: you)
            let left = try history.mailbox(of: me).rows[0].entry
            #expect(left.unread.count == 1 && left.row.left != nil && left.row.activity < away.ord)
            try history.append(you, id, .addParticipants(AddParticipants(members: [me])))
            try history.send(id, by: you)
            #expect(try history.mailbox(of: me).rows[0].entry.unread.count == 2)
            try history.read(id, by: me, upTo: away.ord)
            #expect(try history.mailbox(of: me).rows[0].entry.unread.count == 1)
        }
    }

    @Test func markedUnreadCountsForTheBadgeUntilARead() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let id = Numbered.conversation(1)
            try history.create(id, by: you, [me])
            try history.append(me, id, .markUnread)
            #expect(try history.mailbox(of: me).badge == 1)
            let unread = try history.reads().unread(of: me, after: nil, limit: 5).value.items
            #expect(unread.count == 1 && unread[0].unread.count == 0 && unread[0].row.isMarkedUnread)
            try history.read(id, by: me, upTo: 0)
            #expect(try history.mailbox(of: me).badge == 0)
        }
    }

    @Test func theBadgeCountsSmallAndBigConversationsUpToItsCap() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let crowd = (100..<170).map { Numbered.member($0) }
            for number in 0..<140 {
                let id = Numbered.conversation(UInt64(number))
                try history.create(id, by: you, number < 10 ? crowd + [me] : [me])
                if number < 50 { try history.send(id, by: you) }
            }
            #expect(try history.mailbox(of: me).badge == 50)
            for number in 50..<140 { try history.send(Numbered.conversation(UInt64(number)), by: you) }
            #expect(try history.mailbox(of: me).badge == 100)
        }
    }

    @Test func whatIsUnreadIsListedInTheMailboxsOrderMutedAndArchivedToo() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            for number in 1...140 {
                let id = Numbered.conversation(UInt64(number))
                try history.create(id, by: you, [me])
                guard number % 10 == 0 else { continue }
                let sent = try history.send(id, by: you)
                if number % 20 == 0 { try history.append(me, id, .archive(Archive(upTo: .ord(sent.ord)))) }
                if number % 30 == 0 { try history.append(me, id, .mute(Mute(on: true))) }
            }
            try history.project()
            var found: [MailboxEntry] = []
            var token: PageToken?
            repeat {
                let page = try history.reads().unread(of: me, after: token, limit: 3).value
                found += page.items
                token = page.next
            } while token != nil
            #expect(found.map(\.conversation) == (1...14).reversed().map { Numbered.conversation(UInt64($0 * 10)) })
            #expect(found.allSatisfy { $0.unread.count == 1 })
        }
    }

    @Test func aMemberNobodyKnowsHasAnEmptyMailbox() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(Numbered.conversation(1), by: you, [])
            let page = try history.mailbox(of: me)
            #expect(page.rows.isEmpty && page.badge == 0 && page.next == nil)
        }
    }
}
