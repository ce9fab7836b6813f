import EventLog
import Messaging
import TestSupport
import Testing
import TimeTravel

/// Moments of a log, however they are named.
@Suite struct MomentTests {
    private let conversations = TopicPartition(.conversationCommands, 0)
    private let members = TopicPartition(.memberCommands, 0)

    /// Conversation records at 2,000, 3,000, 3,000, 5,000; member records at 3,000, 4,000, 6,000.
    private func log() throws -> ToldLog {
        let told = ToldLog()
        let times: [(Int64, Bool)] = [
            (2_000, false), (3_000, false), (3_000, true), (3_000, false), (4_000, true), (5_000, false), (6_000, true),
        ]
        for (index, (time, isPersonal)) in times.enumerated() {
            let command: Command = isPersonal ? .markUnread : .send(UInt64(index), to: id(2))
            try told.append(command, id: id(UInt64(index)), by: id(1), in: id(7), at: time)
        }
        return told
    }

    @Test func aTimeHasWhatWasAppendedAtItOrBefore() throws {
        let log = try log().log
        for (time, expected) in [(1_999, (0, 0)), (2_000, (1, 0)), (3_000, (3, 1)), (4_999, (3, 2)), (9_999, (4, 3))] {
            let bounds = try Moment.time(Int64(time)).bounds(in: log)
            #expect(bounds == [conversations: Int64(expected.0), members: Int64(expected.1)], "\(time)")
        }
    }

    @Test func aPositionIsTheLastOfItsPartitionAndOthersFollowItsTime() throws {
        let log = try log().log
        #expect(try Moment.position(Position(conversations, 1)).bounds(in: log) == [conversations: 2, members: 1])
        #expect(try Moment.position(Position(members, 2)).bounds(in: log) == [conversations: 4, members: 3])
    }

    @Test func aTokenIsExactInWhatItNames() throws {
        let log = try log().log
        let whole = Moment.token(PositionToken([conversations: 1, members: 3]))
        #expect(try whole.bounds(in: log) == [conversations: 1, members: 3])
        let half = Moment.token(PositionToken([members: 2]))
        #expect(try half.bounds(in: log) == [conversations: 3, members: 2])
        let nothing = Moment.token(PositionToken([members: 0]))
        #expect(try nothing.bounds(in: log) == [conversations: 0, members: 0])
    }

    @Test func whatTheLogNeverHadIsRefused() throws {
        let log = try log().log
        for moment in [
            Moment.position(Position(conversations, 4)), .position(Position(TopicPartition(.memberCommands, 1), 0)),
            .position(Position(TopicPartition(.legacyWrites, 0), 0)), .token(PositionToken([conversations: 5])),
        ] {
            let error = #expect(throws: TimeTravelError.self) { try moment.bounds(in: log) }
            #expect(error?.code == .invalid)
        }
    }

    @Test func aLogWithoutItsBeginningCannotBeTold() throws {
        let told = try log()
        try told.log.dropRecords(of: conversations, before: 2)
        let error = #expect(throws: TimeTravelError.self) { try Moment.time(9_999).bounds(in: told.log) }
        #expect(error?.code == .incomplete)
    }

    @Test func textNamesAMoment() {
        #expect(Moment(text: "member-commands/0@12") == .position(Position(members, 12)))
        #expect(Moment(text: "1970-01-01T00:00:01.000002Z") == .time(1_000_002))
        let token = PositionToken([members: 3])
        #expect(Moment(text: token.description) == .token(token))
        for text in ["", "now", "2026-01-31", "member-commands/0", "\(token)x"] { #expect(Moment(text: text) == nil) }
    }
}
