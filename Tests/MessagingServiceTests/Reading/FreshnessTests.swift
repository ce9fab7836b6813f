import EventLog
import Messaging
import MessagingService
import Projection
import SharedContent
import TestSupport
import Testing

@Suite(.inEveryStore) struct FreshnessTests {
    let me = Numbered.member(1)
    let you = Numbered.member(2)
    let id = Numbered.conversation(1)

    /// All that is in the log.
    private func everything(_ history: ReadingHistory) throws -> PositionToken {
        PositionToken(try history.log.endOffsets())
    }

    @Test func viewsThatNobodyHasMadeReadAsEmptyAndThenAsWhatTheyAre() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            let before = try history.reads().mailbox(of: me, archived: false, after: nil, limit: 5)
            #expect(before.value.rows.isEmpty && before.token.offsets.values.allSatisfy { $0 == 0 })
            #expect(try history.reads().conversation(id, as: me, .newest, limit: 5).value == nil)
            try history.project()
            let after = try history.reads().mailbox(of: me, archived: false, after: nil, limit: 5)
            #expect(after.value.rows.count == 1 && after.token.offsets.values.contains { $0 > 0 })
        }
    }

    @Test func aReadThatAsksForMoreThanTheViewsHaveSaysHowFarTheyAreBehind() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            try history.project()
            try history.send(id, by: you)
            let token = try everything(history)
            for view in ["shared", "personal"] {
                let error = #expect(throws: ReadError.self) {
                    try history.reads().conversation(id, as: me, .newest, limit: 5, atLeast: AtLeast(token))
                }
                #expect(error?.code == .behind && error?.isRetriable == true)
                #expect(error?.message.contains("the \(view) view by 1 records in conversation-commands/") == true)
                try history.project([view == "shared" ? .shared : .personal])
            }
            let page = try history.reads().conversation(id, as: me, .newest, limit: 5, atLeast: AtLeast(token))
            #expect(page.value?.messages.count == 1)
            // What an answer says it was made from can be asked for at once.
            _ = try history.reads().conversation(id, as: me, .newest, limit: 5, atLeast: AtLeast(page.token))
        }
    }

    @Test func onlyThePartitionsAReadNeedsAreWaitedFor() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            try history.project()
            // Another conversation, in another partition than this one.
            for number in 2...20 { try history.create(Numbered.conversation(UInt64(number)), by: you, [me]) }
            let needed = try history.reads().conversation(id, as: me, .newest, limit: 5).token
            var token = try everything(history)
            var others = token.offsets
            for partition in needed.offsets.keys { others[partition] = nil }
            token = PositionToken(others)
            #expect(!token.offsets.isEmpty)
            _ = try history.reads().conversation(id, as: me, .newest, limit: 5, atLeast: AtLeast(token))
            #expect(throws: ReadError.self) {
                try history.reads().mailbox(of: me, archived: false, after: nil, limit: 5, atLeast: AtLeast(token))
            }
        }
    }

    @Test func aReadWaitsUntilAProjectorHasCome() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            let token = try everything(history)
            let (log, open) = (history.log, history.opener)
            let projector = Threads.start {
                for view in ProjectionName.allCases { try ReadingHistory.project(view, into: open(view), from: log) }
            }
            let page = try history.reads().mailbox(
                of: me, archived: false, after: nil, limit: 5, atLeast: AtLeast(token, wait: .seconds(60)))
            #expect(page.value.rows.count == 1)
            try projector.join()
        }
    }

    @Test func pageTokensAreOneWordAndRefusedWhenAltered() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            for number in 1...3 { try history.create(Numbered.conversation(UInt64(number)), by: you, [me]) }
            try history.project()
            let reads = try history.reads()
            let token = try #require(try reads.mailbox(of: me, archived: false, after: nil, limit: 1).value.next)
            let text = token.description
            #expect(PageToken(text: text) == token && text.first?.isLetter == true)
            #expect(text.utf8.allSatisfy { $0 != UInt8(ascii: " ") && $0 < 0x7f })
            for index in text.indices {
                var altered = text
                altered.replaceSubrange(index...index, with: altered[index] == "x" ? "y" : "x")
                #expect(PageToken(text: altered) == nil, "\(altered)")
            }
            for wrong in ["", "x", String(text.dropLast()), text + "A", "AQ"] { #expect(PageToken(text: wrong) == nil) }
            let error = #expect(throws: ReadError.self) { try reads.unread(of: me, after: token, limit: 1) }
            #expect(error?.code == .wrongToken)
            #expect(throws: ReadError.self) { try reads.mailbox(of: me, archived: true, after: token, limit: 1) }
            #expect(throws: ReadError.self) {
                try reads.conversation(Numbered.conversation(1), as: me, .before(token), limit: 1)
            }
        }
    }

    @Test func statusTellsGapLagRejectionsAndWhatWaits() throws {
        try withTemporaryDirectory { directory in
            let history = try ReadingHistory(directory)
            try history.create(id, by: you, [me])
            try history.append(me, id, .react(React(message: Numbered.message(7), reaction: [43], on: true)))
            try history.append(me, id, .read(Read(upTo: .message(Numbered.message(7)), isPrivate: false)))
            try history.append(Numbered.member(3), id, .close(Close(on: true)))
            var status = try history.reads().status(of: history.log, clock: history.clock.clock)
            #expect(!status.hasNoGap && status.projections.count == 24 && status.ends.count == 24)
            #expect(status.projections.map(\.gap).reduce(0, +) == 7)
            #expect(status.projections.map(\.lagSeconds).max() == 40.0 / 1e6)
            try history.project()
            status = try history.reads().status(of: history.log, clock: history.clock.clock)
            #expect(status.hasNoGap && status.projections.allSatisfy { $0.lagSeconds == 0 && $0.parked == 0 })
            #expect(status.projections.allSatisfy { $0.owner == nil && $0.epoch == 1 })
            let waiting = status.projections.filter { $0.orphaned > 0 }
            #expect(waiting.map(\.projection) == [.shared, .personal, .personal])
            #expect(waiting.map(\.partition.topic) == [.conversationCommands, .conversationCommands, .memberCommands])
            #expect(status.projections.filter { $0.rejected > 0 }.map(\.projection) == [.shared])
        }
    }
}
