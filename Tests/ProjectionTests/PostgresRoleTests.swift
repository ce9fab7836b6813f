import EventLog
import Glibc
import Messaging
import PersonalMetadata
import Postgres
import Projection
import SharedContent
import Simulation
import TestSupport
import Testing
import ViewStorage

/// The roles of `Deploy/postgres.sql`: each can do its work and nothing else.
@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresRoleTests {
    @Test func eachRoleDoesItsWorkAndNoOther() throws {
        try PostgresServer.shared().withDatabase { address in
            try PostgresConnection(address).execute(try script())
            let role = { (name: String) in address.with(user: "parley_\(name)") }
            let early = #expect(throws: ProjectionError.self) { try PostgresStore.open(.shared, role("shared")) }
            #expect(early?.code == .readOnly && early?.message.contains("parley migrate") == true)
            let unmade = #expect(throws: ProjectionError.self) {
                try PostgresSharedContentQueries(address: role("reader"))
            }
            #expect(unmade?.code == .missing)

            for projection in ProjectionName.allCases { _ = try PostgresStore.open(projection, role("owner")) }
            let records = HistoryGenerator.history(seed: 41, count: 80, kind: .mixed).records
            for projection in ProjectionName.allCases {
                let store = try PostgresStore.open(projection, role(projection.rawValue))
                let world = ProjectedLog.inMemory()
                try world.append(records.map(\.record))
                _ = try world.projector(store).catchUp()
                try world.require(store, "what the role \(projection) wrote differs from the model")
            }
            let shared = try PostgresSharedContentQueries(address: role("reader"))
            try shared.read { try shared.dump { _ in } }
            let personal = try PostgresPersonalMetadataQueries(address: role("reader"))
            try personal.read { try personal.dump { _ in } }
            try expectDenied(role)
        }
    }

    private func expectDenied(_ role: (String) -> PostgresAddress) throws {
        let denied = [
            ("shared", "SELECT * FROM parley_personal.member"), ("shared", "CREATE TABLE parley_shared.t (a int)"),
            ("shared", "DROP TABLE parley_shared.message"), ("shared", "TRUNCATE parley_shared.message"),
            ("shared", "CREATE TABLE public.t (a int)"), ("shared", "CREATE SCHEMA other"),
            ("personal", "SELECT * FROM parley_shared.message"), ("personal", "DELETE FROM parley_shared.judged"),
            ("personal", "ALTER TABLE parley_personal.member ADD COLUMN a int"),
            ("reader", "DELETE FROM parley_shared.message"),
            ("reader", "UPDATE parley_personal.member SET last_ord = 0"),
            ("reader", "INSERT INTO parley_shared.lease VALUES (0, 0, 'me', 1, now(), 0, NULL)"),
            ("reader", "SELECT * FROM parley_shared.message FOR UPDATE"),
        ]
        for (name, sql) in denied {
            let connection = try PostgresConnection(role(name))
            let error = #expect(throws: PostgresError.self, "\(name): \(sql)") { try connection.query(sql) }
            #expect(error?.isDenied == true, "\(name): \(sql): \(String(describing: error))")
        }
        let reader = #expect(throws: ProjectionError.self) {
            try PostgresStore.open(.shared, role("reader")).claim(
                [.init(.conversationCommands, 0)], owner: LeaseOwner(text: "reader"), leaseMicros: 1_000)
        }
        #expect(reader?.code == .readOnly)
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
}
