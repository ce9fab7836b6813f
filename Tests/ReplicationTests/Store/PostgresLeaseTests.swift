import EventLog
import Glibc
import Messaging
import Postgres
import Replication
import TestSupport
import Testing

/// What only a store on a server can meet: leases that end, servers that go.
@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresLeaseTests {
    private func step(_ offset: Int64) -> ReplicationStep {
        var step = ReplicationStep()
        step.changes.positions = [TopicPartition(.legacyWrites, 0): offset]
        step.counts = ["read": 1]
        return step
    }

    @Test func whoIsTakenOverWritesNothingMore() throws {
        try StoreFixture.with(.postgres) { fixture in
            // A lease that is over at once; its owner is no process of this machine, so nothing is known of it.
            let first = try fixture.open(leaseMicros: 1, owner: "elsewhere")
            try first.save(step(1)) { _ in nil }
            let second = try fixture.open(owner: "here")
            for attempt in [{ try first.save(step(9)) { _ in nil } }, { try first.renew() }] {
                let error = #expect(throws: ReplicationError.self) { try attempt() }
                #expect(error?.code == .fenced)
            }
            #expect(try second.load().positions == step(1).changes.positions)
            try first.release()
            try second.save(step(2)) { _ in nil }
            #expect(try second.load().positions == step(2).changes.positions)
        }
    }

    @Test func theLeaseOfADeadProcessIsTakenAtOnce() throws {
        try StoreFixture.with(.postgres) { fixture in
            let mine = try fixture.open()
            let connection = try PostgresConnection(fixture.address)
            // This machine's boot and namespace, a process that cannot be.
            try connection.execute(
                "UPDATE parley_replication.lease SET owner = regexp_replace(owner, '\\|[0-9]+\\|[0-9]+\\|', '|2147483646|1|')"
            )
            let second = try fixture.open()
            let error = #expect(throws: ReplicationError.self) { try mine.save(step(1)) { _ in nil } }
            #expect(error?.code == .fenced)
            try second.save(step(2)) { _ in nil }
        }
    }

    @Test func aConnectionThatBreaksIsMadeAgain() throws {
        try StoreFixture.with(.postgres) { fixture in
            let store = try fixture.open()
            let connection = try PostgresConnection(fixture.address)
            for offset in 1...3 {
                try store.save(step(Int64(offset))) { _ in nil }
                try connection.execute(
                    """
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """)
            }
            #expect(try store.load().positions == step(3).changes.positions)
            try store.save(step(4)) { _ in nil }
            #expect(try store.figures().counts["read"] == 4)
        }
    }

    @Test func aRoleWithoutTheRightIsToldSo() throws {
        try StoreFixture.with(.postgres) { fixture in
            let connection = try PostgresConnection(fixture.address)
            let role = try PostgresServer.shared().newName()
            try connection.execute("CREATE ROLE \(role) LOGIN")
            defer { try? connection.execute("DROP ROLE \(role)") }
            let denied = #expect(throws: ReplicationError.self) {
                _ = try PostgresReplicationStore(fixture.address.with(user: role), access: .replicate)
            }
            #expect(denied?.code == .notAllowed)
        }
    }

    @Test func theRoleOfTheReplicatorDoesItsWorkAndNoOther() throws {
        try StoreFixture.with(.postgres) { fixture in
            let suffix = try PostgresServer.shared().newName()
            let names = ["owner", "shared", "personal", "replicator", "reader"]
            var script = try String(decoding: deployed("postgres.sql"), as: UTF8.self)
            // Roles are the server's, which other tests use at the same time.
            for name in names { script = script.replacing("parley_\(name)", with: "\(name)_\(suffix)") }
            let superuser = try PostgresConnection(fixture.address)
            try superuser.execute(script)
            defer {
                for name in names { try? superuser.execute("DROP OWNED BY \(name)_\(suffix) CASCADE") }
                for name in names { try? superuser.execute("DROP ROLE \(name)_\(suffix)") }
            }
            let role = { (name: String) in try fixture.address.with(user: "\(name)_\(suffix)") }
            let early = #expect(throws: ReplicationError.self) {
                _ = try PostgresReplicationStore(role("replicator"), access: .replicate)
            }
            #expect(early?.code == .notAllowed && early?.message.contains("parley migrate") == true)
            _ = try PostgresReplicationStore(role("owner"), access: .migrate)
            let store = try PostgresReplicationStore(role("replicator"), access: .replicate)
            try store.save(step(3)) { _ in nil }
            let lane = ConversationID(Identifier(high: 1, low: 1))
            try store.request([lane], LaneOrder(operator: "ada", reason: ""), nowMillis: 1)
            #expect(try store.requests(after: 0, limit: 9).map(\.lane) == [lane])
            for name in ["reader", "shared"] {
                let connection = try PostgresConnection(role(name))
                let error = #expect(throws: PostgresError.self) {
                    try connection.query("SELECT * FROM parley_replication.parked")
                }
                #expect(error?.isDenied == true)
            }
        }
    }

    private func deployed(_ name: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        guard let file = fopen("/\(root)/Deploy/\(name)", "re") else { throw TestFailure("no Deploy/\(name)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes[..<count])
    }
}
