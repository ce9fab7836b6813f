import EventLog
import Glibc
import Messaging
import PersonalMetadata
import Postgres
import Projection
import Replay
import SharedContent
import Simulation
import TestSupport
import Testing
import ViewStorage

/// What is PostgreSQL's own of generations: roles, grants, locks.
@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresGenerationTests {
    /// A log, and a database with the roles of `Deploy/postgres.sql`, both views made by their owner.
    private func withRoles(
        _ body: (RebuiltLog, _ role: (String) throws -> PostgresAddress) throws -> Void
    ) throws {
        try withTemporaryDirectory { directory in
            // A server of its own: roles are the whole server's.
            try PostgresServer().withDatabase { address in
                try PostgresConnection(address).execute(try script())
                let role = { (name: String) in address.with(user: "parley_\(name)") }
                _ = try PostgresSharedContentStore(address: role("owner"))
                _ = try PostgresPersonalMetadataStore(address: role("owner"))
                try body(try RebuiltLog(in: directory), role)
            }
        }
    }

    private func script() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        guard let file = fopen("/\(root)/Deploy/postgres.sql", "re") else {
            throw TestFailure("no Deploy/postgres.sql")
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    private func replay(_ rebuilt: RebuiltLog, as address: PostgresAddress) throws -> ReplayAnswer {
        let generations = PostgresViewGenerations(.shared, address: address, workDirectory: rebuilt.directory)
        return try ViewReplay(log: rebuilt.log, generations: generations).run { _ in }
    }

    private func project(_ rebuilt: RebuiltLog, _ store: any ViewStore) throws {
        _ = try Projector(log: rebuilt.log, store: store, owner: LeaseOwner(text: "role")).catchUp()
    }

    @Test func aGenerationOfTheOwnersIsGrantedAsTheFirstIs() throws {
        try withRoles { rebuilt, role in
            let history = HistoryGenerator.history(seed: 90_000, count: 120).records
            try rebuilt.append(Array(history[..<80]))
            let stale = try PostgresSharedContentStore(address: role("shared"))
            try project(rebuilt, stale)
            let reader = try PostgresSharedContentQueries(address: role("reader"))
            #expect(try reader.isCurrent)

            #expect(try replay(rebuilt, as: role("owner")).outcome == .swapped)
            #expect(try !reader.isCurrent)
            try rebuilt.append(Array(history[80...]))
            let error = #expect(throws: ProjectionError.self) { try project(rebuilt, stale) }
            #expect(error?.code == .superseded)
            try project(rebuilt, try PostgresSharedContentStore(address: role("shared")))
            let next = try PostgresSharedContentQueries(address: role("reader"))
            #expect(next.generation == 2)
            var lines = 0
            try next.read { try next.dump { _ in lines += 1 } }
            #expect(lines > 0)
            #expect(try grants("parley_shared_g2", role("owner")) == grants("parley_shared", role("owner")))
            #expect(try replay(rebuilt, as: role("owner")).comparison?.isEqual == true)
        }
    }

    /// Owner and grants of every table.
    private func grants(_ schema: String, _ address: PostgresAddress) throws -> [String] {
        let rows = try PostgresConnection(address).query(
            """
            SELECT c.relname || ' ' || pg_get_userbyid(c.relowner) || ' ' || array_to_string(
                (SELECT array_agg(a.grantee::regrole || '=' || a.privilege_type ORDER BY 1) FROM aclexplode(c.relacl) a), ' ')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = '\(schema)' AND c.relkind = 'r' AND c.relname <> 'generation' ORDER BY 1
            """)
        #expect(rows.count > 10)
        return (0..<rows.count).map { rows.text($0, 0) }
    }

    @Test func otherRolesAreToldWhoMayRebuildAndCannotSwap() throws {
        try withRoles { rebuilt, role in
            try rebuilt.append(HistoryGenerator.history(seed: 90_001, count: 60).records)
            try project(rebuilt, try PostgresSharedContentStore(address: role("shared")))
            let error = #expect(throws: ProjectionError.self) { try replay(rebuilt, as: role("shared")) }
            #expect(error?.code == .readOnly && error?.message.contains("CREATE on the database") == true)
            for name in ["shared", "reader"] {
                let denied = #expect(throws: PostgresError.self) {
                    try PostgresConnection(role(name)).query(
                        "INSERT INTO parley_shared.generation VALUES (2, 'active')")
                }
                #expect(denied?.isDenied == true)
            }
            #expect(try replay(rebuilt, as: role("owner")).outcome == .swapped)
        }
    }

    @Test func whatAProjectorHasBegunBeforeASwapIsRefusedAfterIt() throws {
        for view in ProjectionName.allCases {
            try StoreKind.$current.withValue(.postgres) {
                try withTemporaryDirectory { directory in
                    let rebuilt = try RebuiltLog(in: directory)
                    try rebuilt.append(HistoryGenerator.history(seed: 90_002, count: 60).records)
                    try rebuilt.project(view)
                    let store = try rebuilt.store(view)
                    let partition = TopicPartition(.conversationCommands, 0)
                    let owner = LeaseOwner(text: "stale")
                    let epochs = try store.claim([partition], owner: owner, leaseMicros: 60_000_000)
                    let from = try store.positions()[partition] ?? 0
                    #expect(try rebuilt.replay(view).answer.outcome == .swapped)
                    let before = try rebuilt.rows(view, generation: 1)

                    let attempt = Attempt(partition: partition, from: from, until: from + 1, deaths: 0)
                    let begun = #expect(throws: ProjectionError.self) { try store.begin([attempt], epochs: epochs) }
                    #expect(begun?.code == .fenced)
                    var batch = ProjectionBatch()
                    batch.moves[partition] = ProjectionBatch.Move(from: from, to: from + 1)
                    batch.epochs = epochs
                    let applied = #expect(throws: ProjectionError.self) { try store.apply(batch) }
                    #expect(applied?.code == .superseded || applied?.code == .fenced)
                    let claimed = #expect(throws: ProjectionError.self) {
                        try store.claim([partition], owner: owner, leaseMicros: 60_000_000)
                    }
                    #expect(claimed?.code == .superseded)
                    #expect(try rebuilt.rows(view, generation: 1) == before)
                }
            }
        }
    }

    @Test func aSwapWaitsForTheBatchUnderWayAndHasItToo() throws {
        try StoreKind.$current.withValue(.postgres) {
            try withTemporaryDirectory { directory in
                let rebuilt = try RebuiltLog(in: directory)
                try rebuilt.append(HistoryGenerator.history(seed: 90_003, count: 60).records)
                try rebuilt.project(.shared)
                let address = try #require(try rebuilt.address())
                let holder = try PostgresConnection(address)
                try holder.run([.init("BEGIN"), .init("SELECT * FROM parley_shared.lease FOR UPDATE")])
                let swap = Threads.start {
                    guard try rebuilt.replay(.shared).answer.outcome == .swapped else {
                        throw TestFailure("not swapped")
                    }
                }
                let waiting =
                    "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
                    + "WHERE d.datname = current_database() AND NOT l.granted"
                let deadline = ContinuousClock.now + .seconds(60)
                let asker = try PostgresConnection(address)
                while try asker.query(waiting).int64(0, 0) == 0 {
                    try require(ContinuousClock.now < deadline, "the swap does not wait")
                    Threads.sleep(millis: 10)
                }
                #expect(try rebuilt.generations(.shared).active() == 1)
                try holder.run([.init("COMMIT")])
                try swap.join()
                #expect(try rebuilt.generations(.shared).active() == 2)
            }
        }
    }
}
