import Messaging
import TestSupport
import Testing

/// What a legacy system did at the very microsecond of something of Parley's own: both stay, whichever comes first and
/// however the records are cut into batches, in every store.
@Suite struct SameMicrosecondTests {
    private static let (ada, bob) = (MemberID(Identifier(high: 0xa, low: 1)), MemberID(Identifier(high: 0xa, low: 2)))
    private static let room = ConversationID(Identifier(high: 0xc, low: 1))
    private static let other = ConversationID(Identifier(high: 0xc, low: 2))
    /// The microsecond in which it happens.
    private static let moment: Int64 = 1_700_000_000_000_000

    private static func message(_ number: UInt64) -> MessageID { MessageID(Identifier(high: 0xe, low: number)) }
    private static func digest(_ number: UInt64) -> PayloadDigest { PayloadDigest(Identifier(high: 1, low: number)) }

    /// A record and when it is appended. Greater ids are later among versions of one microsecond.
    private struct Told {
        var record: Record
        var time: Int64

        init(
            _ id: UInt64, _ actor: MemberID, _ command: Command, in conversation: ConversationID = room,
            at time: Int64 = moment
        ) {
            record = Record(
                id: CommandID(Identifier(high: 0xd, low: id)), actor: actor, conversation: conversation,
                command: command)
            self.time = time
        }

        /// What the legacy system says, at this moment of its own.
        init(
            legacy id: UInt64, _ actor: MemberID, _ command: Command, in conversation: ConversationID = room,
            version: Int64 = moment, at time: Int64
        ) {
            self.init(id, actor, command, in: conversation, at: time)
            record.origin = .legacy
            record.sourceVersion = version
        }
    }

    private static let create = CreateConversation(participants: [], title: nil, history: .fromJoin)
    private static let begun = Told(1, ada, .createConversation(create), at: moment - 5_000)

    private static func sent(_ number: UInt64, in conversation: ConversationID = room, at time: Int64) -> Told {
        let send = Send(
            message: message(number), clientToken: [], content: Sealed([1]), digest: digest(1), replyTo: nil,
            sentAt: nil, direct: nil, legacyOrd: moment - 4_000)
        return Told(legacy: 10 + number, ada, .send(send), in: conversation, version: moment - 4_000, at: time)
    }

    private static func edit(_ text: UInt8, legacyOrd: Int64? = nil) -> Command {
        .edit(
            Edit(
                message: message(1), content: Sealed([text]), expectedVersion: nil,
                legacy: legacyOrd.map { LegacyEdit(ord: $0, digest: digest(UInt64(text))) }))
    }

    /// Lines of these tables once both views have the records, which must not depend on the batches.
    private static func lines(
        of tables: [String], _ told: [Told], at place: ViewPlace, _ kind: StoreKind
    ) throws -> [String] {
        var offsets: [Bool: Int64] = [:]
        let records = told.map { told in
            let isPersonal = told.record.command.isPersonal
            defer { offsets[isPersonal, default: 0] += 1 }
            return LoggedRecord(
                record: told.record, partition: 0, offset: offsets[isPersonal, default: 0], appendTime: told.time)
        }
        let cuts = [[records[...]], records.indices.map { records[$0...$0] }]
        let found = try cuts.flatMap { batches in
            try [1, 100_000].map { cachedRows in
                let views = try Views.anew(at: place, cachedRows: cachedRows)
                for batch in batches { try views.apply(batch) }
                let dump = kind == .sqlite ? SQLiteStore.dump : PostgresStore.dump
                return try views.stores.flatMap { try dump($0) }.map { String(decoding: $0, as: UTF8.self) }
                    .filter { line in tables.contains { line.contains("\"table\":\"\($0)\"") } }
            }
        }
        for other in found { #expect(other == found[0]) }
        return found[0]
    }

    /// The same whichever of the two comes first.
    private static func lines(
        of tables: [String], _ before: [Told], either one: Told, or other: Told, _ after: [Told], at place: ViewPlace,
        _ kind: StoreKind
    ) throws -> [String] {
        let found = try lines(of: tables, before + [one, other] + after, at: place, kind)
        #expect(try lines(of: tables, before + [other, one] + after, at: place, kind) == found)
        return found
    }

    @Test(arguments: StoreKind.available)
    func twoEditsAreTwoVersionsOfWhichTheGreaterIDIsInForce(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            for (own, theirs) in [(20, 21), (21, 20)] as [(UInt64, UInt64)] {
                let native = Told(own, Self.ada, Self.edit(2))
                // Half a millisecond away in the log, at the same moment by its own clock.
                let legacy = Told(
                    legacy: theirs, Self.ada, Self.edit(3, legacyOrd: Self.moment), at: Self.moment - 500)
                let copy = Told(
                    legacy: theirs, Self.ada, Self.edit(4, legacyOrd: Self.moment), version: Self.moment + 1,
                    at: Self.moment + 500)
                let found = try Self.lines(
                    of: ["message", "version"], [Self.begun, Self.sent(1, at: Self.moment - 3_000)], either: legacy,
                    or: native, [copy], at: place, kind)
                #expect(found.count { $0.contains("\"table\":\"version\"") && $0.contains("\(Self.moment)") } == 2)
                #expect(found.count { $0.contains("\"content\":\"Ag==\"") } == 1, "what was edited here stays")
                #expect(found.count { $0.contains("\"content\":\"BA==\"") } == 1, "the later copy's is there")
                let current = CommandID(Identifier(high: 0xd, low: 21))
                #expect(
                    found.contains { $0.contains("\"table\":\"message\"") && $0.contains("\"current\":\"\(current)\"") }
                )
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func ofTwoEditsTheOneThatIsWithdrawnGoes(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            let native = Told(20, Self.ada, Self.edit(2))
            let legacy = Told(legacy: 21, Self.ada, Self.edit(3, legacyOrd: Self.moment), at: Self.moment - 500)
            let withdrawn = Delete(message: Self.message(1), version: legacy.record.id, reason: nil)
            let found = try Self.lines(
                of: ["version"], [Self.begun, Self.sent(1, at: Self.moment - 3_000)], either: legacy, or: native,
                [Told(30, Self.ada, .delete(withdrawn), at: Self.moment + 900)], at: place, kind)
            #expect(found.count == 2)
            #expect(
                found.filter { $0.contains("\"withdrawn\":true") }.allSatisfy { $0.contains("\(legacy.record.id)") })
            #expect(found.count { $0.contains("\"withdrawn\":true") } == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func aJoiningAtTheBeginningOfAStayThatEndedBeginsTheNextMicrosecond(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            // The legacy store's clock is ahead: it knows already that bob leaves.
            let stay = Stay(member: Self.bob, joined: Self.moment, left: Self.moment + 3_000)
            let found = try Self.lines(
                of: ["participant"],
                [
                    Self.begun, Told(legacy: 20, Self.bob, .stay(stay), at: Self.moment - 2_000),
                    Told(21, Self.ada, .addParticipants(AddParticipants(members: [Self.bob]))),
                ], at: place, kind
            ).filter { $0.contains("\"member\":\"\(Self.bob)\"") }
            // Once in each view.
            try #require(found.count == 4)
            for first in [0, 2] {
                #expect(found[first].contains("\(Self.moment),") && found[first].contains("\(Self.moment + 3_000)"))
                #expect(found[first + 1].contains("\(Self.moment + 1)") && found[first + 1].contains("null"))
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func whoWasRemovedBeforeAStayBeganMayJoinAtItsBeginning(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            let stay = Stay(member: Self.bob, joined: Self.moment, left: nil)
            let remove = Told(
                21, Self.ada, .removeParticipant(RemoveParticipant(member: Self.bob)), at: Self.moment - 1_000)
            let found = try Self.lines(
                of: ["participant", "conversation"],
                [
                    Self.begun, Told(legacy: 20, Self.bob, .stay(stay), at: Self.moment - 2_000), remove,
                    Told(22, Self.ada, .addParticipants(AddParticipants(members: [Self.bob]))),
                ], at: place, kind)
            #expect(found.count { $0.contains("\"member\":\"\(Self.bob)\"") && $0.contains("\"left_ord\":null") } == 2)
            #expect(found.count { $0.contains("\"participant_count\":2") } == 2)
        }
    }

    @Test(arguments: StoreKind.available)
    func archivesThatWaitInTwoConversationsWaitSideBySide(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            func archive(_ number: UInt64) -> Command { .archive(Archive(upTo: .message(Self.message(number)))) }
            let native = Told(20, Self.bob, archive(1))
            let legacy = Told(legacy: 21, Self.bob, archive(2), in: Self.other, at: Self.moment - 500)
            let before = [Self.begun, Told(legacy: 22, Self.bob, archive(3), in: Self.other, at: Self.moment - 700)]
            let waiting = try Self.lines(
                of: ["personal_orphan"], before, either: legacy, or: native, [], at: place, kind)
            #expect(waiting.count == 3)
            // What one of them waited for comes: the others wait on.
            let rest = try Self.lines(
                of: ["personal_orphan", "personal_conversation"], before, either: legacy, or: native,
                [Self.sent(2, in: Self.other, at: Self.moment + 900)], at: place, kind)
            #expect(rest.count { $0.contains("\"table\":\"personal_orphan\"") } == 2)
            #expect(rest.contains { $0.contains("\(Self.other)") && $0.contains("\(Self.moment - 4_000)") })
        }
    }

    @Test(arguments: StoreKind.available)
    func ofRegistersWhatIsOnCounts(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            let archived = Command.archive(Archive(upTo: .ord(Self.moment)))
            func star(_ on: Bool) -> Command { .star(Mark(message: Self.message(1), on: on)) }
            let pairs: [(Command, Command)] = [
                (archived, .archive(Archive(upTo: nil))), (star(true), star(false)),
                (.mute(Mute(on: true)), .mute(Mute(on: false))),
            ]
            for (on, off) in pairs {
                let states = try [(on, off), (off, on)].map { own, theirs in
                    try Self.lines(
                        of: ["personal_conversation", "personal_message"],
                        [Self.begun, Self.sent(1, at: Self.moment - 3_000)], either: Told(20, Self.ada, own),
                        or: Told(legacy: 21, Self.ada, theirs, at: Self.moment - 500), [], at: place, kind)
                }
                #expect(states[0] == states[1])
                #expect(
                    states[0].contains { $0.contains("\(Self.moment)") && !$0.contains("\"archived_up_to\":null") }
                        || states[0].contains { $0.contains("\"starred\":true") || $0.contains("\"muted\":true") })
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func ofTwoDeletionsTheTombstoneIsTheSame(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            let delete = Command.delete(Delete(message: Self.message(1), version: nil, reason: nil))
            let found = try Self.lines(
                of: ["message"], [Self.begun, Self.sent(1, at: Self.moment - 3_000)],
                either: Told(legacy: 21, Self.bob, delete, at: Self.moment - 500), or: Told(20, Self.ada, delete), [],
                at: place, kind)
            #expect(found.contains { $0.contains("\"deleted_by\":\"\(Self.ada)\"") })
        }
    }
}
