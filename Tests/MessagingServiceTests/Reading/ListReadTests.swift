import EventLog
import Messaging
import MessagingService
import PersonalMetadata
import Projection
import SharedContent
import TestSupport
import Testing
import Wire

@Suite(.inEveryStore) struct ListReadTests {
    let me = Numbered.member(1)
    let you = Numbered.member(2)
    let id = Numbered.conversation(1)

    /// Every item of a list, in pages of a size.
    private func all<Item>(
        limit: Int, _ page: (PageToken?) throws -> ListPage<Item>?
    ) throws -> [Item] {
        var items: [Item] = []
        var token: PageToken?
        repeat {
            let found = try #require(try page(token))
            #expect(found.items.count <= limit)
            items += found.items
            token = found.next
        } while token != nil
        return items
    }

    @Test func starsAreListedNewestFirstWhileTheyAreLiveAndVisible() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let other = Numbered.conversation(2)
            try history.create(id, by: you, [me])
            try history.create(other, by: you, [me])
            var sent: [ReadingHistory.Sent] = []
            for number in 0..<12 { sent.append(try history.send(number % 2 == 0 ? id : other, by: you, "\(number)")) }
            for (number, message) in sent.enumerated() {
                try history.append(
                    me, number % 2 == 0 ? id : other, .star(Mark(message: message.message, on: true)))
            }
            try history.append(me, id, .star(Mark(message: Numbered.message(999), on: true)))
            try history.append(me, other, .star(Mark(message: sent[1].message, on: false)))
            try history.append(me, id, .hide(Mark(message: sent[2].message, on: true)))
            try history.delete(sent[4], in: id, by: you)
            try history.append(me, id, .removeParticipant(RemoveParticipant(member: me)))
            let unseen = try history.send(id, by: you, "unseen")
            try history.append(me, id, .star(Mark(message: unseen.message, on: true)))
            try history.project()
            for limit in [1, 2, 50] {
                let stars = try all(limit: limit) {
                    try history.reads().stars(of: me, after: $0, limit: limit).value
                }
                #expect(stars.compactMap(\.text) == ["11", "10", "9", "8", "7", "6", "5", "3", "0"], "limit \(limit)")
            }
        }
    }

    @Test func receiptsShowPublicReadsOfPresentParticipantsAlone() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let members = (1...5).map { Numbered.member($0) }
            try history.create(id, by: members[0], members)
            let sent = try history.send(id, by: members[0])
            try history.read(id, by: members[1], upTo: sent.ord)
            try history.read(id, by: members[4], upTo: 0)
            try history.read(id, by: members[2], upTo: sent.ord, isPrivate: true)
            try history.read(id, by: members[3], upTo: sent.ord)
            try history.append(members[3], id, .removeParticipant(RemoveParticipant(member: members[3])))
            try history.project()
            let receipts = try all(limit: 2) {
                try history.reads().receipts(of: id, as: members[3], after: $0, limit: 2).value
            }
            #expect(receipts.map(\.member) == [0, 1, 2, 4].map { members[$0] })
            #expect(receipts.map(\.readUpTo) == [nil, sent.ord, nil, 0])
        }
    }

    @Test func participantsHaveAnEntryForEachStay() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            let created = try history.create(id, by: you, [me])
            let left = try history.append(me, id, .removeParticipant(RemoveParticipant(member: me))).ord
            let back = try history.append(you, id, .addParticipants(AddParticipants(members: [me]))).ord
            try history.append(you, id, .setModerator(SetModerator(member: me, on: true)))
            try history.project()
            let entries = try all(limit: 2) {
                try history.reads().participants(of: id, as: me, after: $0, limit: 2).value
            }
            #expect(entries.map(\.member) == [me, you, me])
            #expect(entries.map(\.interval.joined) == [created, created, back])
            #expect(entries.map(\.interval.left) == [left, nil, nil])
            #expect(entries.map(\.interval.isModerator) == [false, true, true])
        }
    }

    @Test func rejectionsAreListedByPositionForOneActorOrForAll() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            for number in 1...9 {
                try history.append(
                    Numbered.member(UInt64(number % 3)), Numbered.conversation(UInt64(number)), .close(Close(on: true)))
            }
            try history.project()
            let everybodys = try all(limit: 4) { try history.reads().rejections(of: nil, after: $0, limit: 4).value }
            #expect(everybodys.count == 9 && everybodys.map(\.position) == everybodys.map(\.position).sorted())
            #expect(everybodys.allSatisfy { $0.reason == .notParticipant && $0.command == "close" })
            let mine = try all(limit: 2) { try history.reads().rejections(of: me, after: $0, limit: 2).value }
            #expect(mine == everybodys.filter { $0.actor == me } && mine.count == 3)
        }
    }

    @Test func anExportHoldsEveryRowWithItsMessagesInOrder() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            for number in 0..<3 { try history.send(id, by: you, "\(number)") }
            try history.append(me, id, .removeParticipant(RemoveParticipant(member: me)))
            try history.create(Numbered.conversation(2), by: me, [])
            try history.append(
                me, Numbered.conversation(2), .archive(Archive(upTo: .ord(history.clock.clock.nowMicros()))))
            try history.project()
            var lines: [String] = []
            try history.reads().export(of: me) { piece in
                switch piece {
                case .row(let row): lines.append(row.entry.row.isArchived ? "archived" : "left")
                case .message(let message): lines.append(message.text ?? "")
                }
            }
            #expect(lines == ["archived", "left", "0", "1", "2"])
        }
    }

    @Test func aDumpIsCanonicalJSONByTableAndKey() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            for number in 1...5 {
                try history.create(Numbered.conversation(UInt64(number)), by: you, [me], title: "t")
                let sent = try history.send(Numbered.conversation(UInt64(number)), by: you)
                try history.append(
                    me, Numbered.conversation(UInt64(number)), .star(Mark(message: sent.message, on: true)))
            }
            try history.project()
            for (view, least) in [(ProjectionName.shared, 4), (.personal, 6)] {
                var tables: [String] = []
                var lines: [[UInt8]] = []
                try history.reads().dump(view) { line in
                    lines.append(line)
                    let value = try JSONValue(parsing: line)
                    guard case .object(let fields) = value, case .string(let table)? = value["table"] else {
                        throw TestFailure("no object with a table: \(String(decoding: line, as: UTF8.self))")
                    }
                    let names = fields.map(\.name)
                    #expect(names == names.sorted { $0.lexicographicallyPrecedes($1) })
                    var writer = JSONWriter()
                    value.write(to: &writer)
                    #expect(writer.bytes == line, "spaces or escapes that need not be")
                    let name = String(decoding: table, as: UTF8.self)
                    if tables.last != name { tables.append(name) }
                }
                #expect(tables == tables.sorted() && tables.count >= least)
                var again: [[UInt8]] = []
                try history.reads().dump(view) { again.append($0) }
                #expect(lines == again)
            }
        }
    }
}
