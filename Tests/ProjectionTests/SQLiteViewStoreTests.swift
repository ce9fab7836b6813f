import EventLog
import Messaging
import PersonalMetadata
import Projection
import SQLite
import SharedContent
import TestSupport
import Testing
import ViewStorage

/// Both views' SQLite stores keep the contract of view stores.
@Suite struct SQLiteViewStoreTests {
    @Test(arguments: ViewStoreConformance.checks, ProjectionName.allCases)
    func keepsTheContract(_ check: ViewStoreConformance.Check, _ projection: ProjectionName) throws {
        try withTemporaryDirectory { try check.run(.sqlite(projection, in: $0)) }
    }

    /// A check that a store doing nothing passes proves nothing.
    @Test(arguments: ViewStoreConformance.checks, ProjectionName.allCases)
    func aStoreThatDoesNothingFails(_ check: ViewStoreConformance.Check, _ projection: ProjectionName) throws {
        #expect(throws: (any Error).self) { try check.run(.nothing(projection)) }
    }

    /// A member and a conversation whose ids are the same bytes are two lanes.
    @Test func laneOfAMemberAndLaneOfAConversationAreTwo() throws {
        let views = try Views()
        let same = Identifier(high: 7, low: 7)
        let member = UnreadableRecord(
            partition: TopicPartition(.memberCommands, 0), offset: 0, appendTime: 1, key: same.bytes, value: [],
            reason: "broken")
        let create = LoggedRecord(
            record: Record(
                id: CommandID(same), actor: MemberID(same), conversation: ConversationID(same),
                command: .createConversation(CreateConversation(participants: [], title: nil, history: .all))),
            partition: 0, offset: 0, appendTime: 1)
        var batch = views.batch([create], for: .personal)
        batch.items.insert(.unreadable(member), at: 0)
        batch.moves[member.partition] = ProjectionBatch.Move(from: 0, to: 1)
        batch.epochs[member.partition] = 1
        let report = try views.personal.apply(batch)
        #expect(report.parked == 1 && report.accepted == 1)
    }
}

extension ViewFixture {
    static func sqlite(_ projection: ProjectionName, in directory: String) -> ViewFixture {
        let counter = Counter()
        return ViewFixture(
            open: { try SQLiteStore.open(projection, "\(directory)/view\(counter.next()).db") },
            another: { try SQLiteStore.open(projection, SQLiteStore.database(of: $0).path) },
            contents: SQLiteStore.dump,
            parked: { try SQLiteStore.parked(in: SQLiteStore.database(of: $0)) }, deadOwner: SQLiteStore.deadOwner)
    }
}

/// What tests need of a view in SQLite beside the contract.
enum SQLiteStore {
    static func open(_ projection: ProjectionName, _ path: String) throws -> any ViewStore {
        switch projection {
        case .shared: try SQLiteSharedContentStore(path: path)
        case .personal: try SQLitePersonalMetadataStore(path: path)
        }
    }

    static func database(of store: any ViewStore) throws -> ViewDatabase {
        switch store {
        case let store as SQLiteSharedContentStore: store.database
        case let store as SQLitePersonalMetadataStore: store.database
        default: throw TestFailure("not a SQLite store")
        }
    }

    static func dump(_ store: any ViewStore) throws -> [[UInt8]] {
        let tables = store.projection == .shared ? SharedContentSchema.canonical : PersonalMetadataSchema.canonical
        var lines: [[UInt8]] = []
        try database(of: store).dump(tables) { lines.append($0) }
        return lines
    }

    static func parked(in database: ViewDatabase) throws -> [UnreadableRecord] {
        let query = try database.connection.prepare(
            """
            SELECT topic, partition, record_offset, append_time, lane, value, reason FROM parked
            ORDER BY topic, partition, record_offset
            """)
        var found: [UnreadableRecord] = []
        while try query.step() {
            found.append(
                UnreadableRecord(
                    partition: try query.partition(0), offset: query.int64(2), appendTime: query.int64(3),
                    key: query.bytes(4),
                    value: query.bytes(5), reason: query.text(6)))
        }
        return found
    }

    /// This process, had it been started at another time.
    static var deadOwner: LeaseOwner {
        var parts = HostProcess.owner(tag: "test").text.split(separator: "|", omittingEmptySubsequences: false)
        parts[3] = "1"
        return LeaseOwner(text: parts.joined(separator: "|"))
    }
}

/// Numbers, each once.
final class Counter: @unchecked Sendable {
    private var last = 0

    func next() -> Int {
        last += 1
        return last
    }
}
