import EventLog
import Messaging
import Postgres
import Projection
import Simulation
import Synchronization
import TestSupport
import Testing
import ViewStorage

/// Whatever becomes of the server, of a connection or of an owner: nothing is lost, and nothing is applied twice.
@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresFailureTests {
    @Test func connectionsEndedByTheServerAtAnyTimeLoseNothing() throws {
        try PostgresServer.shared().withDatabase { address in
            let stop = StopFlag()
            let isDue = Atomic<Bool>(false)
            let ended = Atomic<Int>(0)
            let killer = Threads.start {
                let connection = try PostgresConnection(address)
                var dice = Dice(seed: 21)
                while !stop.isRaised {
                    Threads.sleep(millis: dice.below(4))
                    guard isDue.exchange(false, ordering: .relaxed) else { continue }
                    let rows = try connection.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()
                        """)
                    ended.add(rows.count, ordering: .relaxed)
                }
            }
            defer { stop.raise() }
            for seed: UInt64 in 21_000_000..<21_000_004 {
                let views = try patiently { try Views.anew(at: .postgres(address)) }
                try project(seed, into: views) { isDue.store(true, ordering: .relaxed) }
            }
            stop.raise()
            try killer.join()
            #expect(ended.load(ordering: .relaxed) > 10)
        }
    }

    /// The cut is anywhere: before a batch arrives, in it, in its commit, or in the answer to that.
    @Test func aConnectionCutAnywhereLeavesNothingTwiceAndNothingOut() throws {
        let server = try PostgresServer.shared()
        try server.withDatabase { address in
            let proxy = try CuttingProxy(target: server.port)
            defer { proxy.close() }
            let through = address.with("host", "127.0.0.1").with("port", "\(proxy.port)")
            for seed: UInt64 in 22_000_000..<22_000_006 {
                var dice = Dice(seed: seed)
                let views = try Views.anew(at: .postgres(through))
                try project(seed, into: views) {
                    proxy.cut(after: 1 + dice.below(9), deliveringLast: dice.chance(1, in: 2))
                }
            }
            #expect(proxy.cuts > 20, "only \(proxy.cuts) connections were cut")
        }
    }

    @Test func aServerKilledAndStartedAgainLosesNothing() throws {
        let server = try PostgresServer()
        let address = try server.address()
        var kills = 0
        var (dice, seed) = (Dice(seed: 23), UInt64(23_000_000))
        while kills < 4 {
            seed += 1
            let views = try Views.anew(at: .postgres(address))
            try project(seed, into: views) {
                guard dice.chance(1, in: 8), kills < 4 else { return }
                kills += 1
                try server.kill()
                try server.start()
            }
        }
    }

    /// The server says that two transactions were in each other's way: the batch is tried again.
    @Test func aBatchThatConflictsIsTriedAgain() throws {
        try PostgresServer.shared().withDatabase { address in
            let views = try Views.anew(at: .postgres(address))
            for schema in ["parley_shared", "parley_personal"] {
                try PostgresConnection(address).execute(
                    Self.trap("\(schema).judged", "40001", where: "nextval('\(schema).trap') % 3 <> 0"))
            }
            try project(24_000_000, into: views)
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func aFullDiskIsToldAndNothingOfTheBatchIsThere(_ projection: ProjectionName) throws {
        try PostgresServer.shared().withDatabase { address in
            let views = try Views.anew(at: .postgres(address))
            let store = try #require(views.stores.first { $0.projection == projection })
            let history = HistoryGenerator.history(seed: 25, count: 60, kind: .mixed).records
            let schema = "parley_\(projection.rawValue)"
            let connection = try PostgresConnection(address)
            try views.apply(history.prefix(30), to: store)
            try connection.execute(Self.trap("\(schema).judged", "53100", where: "nextval('\(schema).trap') > 0"))
            let before = try views.rows()
            let error = #expect(throws: ProjectionError.self) { try views.apply(history.suffix(30), to: store) }
            #expect(error?.code == .full && error?.isRetriable == true)
            #expect(try views.rows() == before)
            try connection.execute("DROP TRIGGER trap ON \(schema).judged")
            try views.apply(history.suffix(30), to: store)
            let model = ReferenceModel(history)
            let expected = projection == .shared ? model.sharedRows : model.personalRows
            #expect(try views.rows()[projection == .shared ? 0 : 1] == expected)
        }
    }

    /// A trigger that fails as the server itself would.
    private static func trap(_ table: String, _ code: String, where condition: String) -> String {
        let schema = table.split(separator: ".")[0]
        return """
            CREATE SEQUENCE \(schema).trap;
            CREATE FUNCTION \(schema).trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF \(condition) THEN RAISE EXCEPTION 'on purpose' USING ERRCODE = '\(code)'; END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER trap AFTER INSERT ON \(table) FOR EACH STATEMENT EXECUTE FUNCTION \(schema).trap();
            """
    }

    /// Applies a history, whatever happens in between, and compares with the model.
    private func project(_ seed: UInt64, into views: Views, disturb: () throws -> Void = {}) throws {
        var dice = Dice(seed: seed)
        let history = HistoryGenerator.history(seed: seed, count: 80)
        for batch in batches(of: history.interleaved(using: &dice), using: &dice) {
            for store in views.stores {
                try disturb()
                try patiently { try views.apply(batch, to: store) }
            }
        }
        try patiently { try views.require(equal: ReferenceModel(history.records), "seed \(seed)") }
    }

    /// What a projector's thread does: what may pass is tried again.
    private func patiently<Result>(_ body: () throws -> Result) throws -> Result {
        for _ in 0..<50 {
            do { return try body() } catch let error as ProjectionError where error.isRetriable && error.code != .fenced
            {
                Threads.sleep(millis: 20)
            } catch let error as PostgresError where error.isRetriable {
                Threads.sleep(millis: 20)
            }
        }
        return try body()
    }
}
