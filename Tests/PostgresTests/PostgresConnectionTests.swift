import Postgres
import TestSupport
import Testing

/// The wrapper of libpq keeps its word against a real server.
@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresConnectionTests {
    @Test func everyTypeOfParameterAndColumnComesBackAsItWas() throws {
        let connection = try PostgresConnection(PostgresServer.shared().address())
        var parameters = PostgresParameters()
        parameters.add(Int64.min)
        parameters.add(high: 1, low: .max)
        parameters.add([0, 1, 255])
        parameters.add(text: "å\u{1F600}")
        parameters.add(nil as Int64?)
        parameters.add(nil as [UInt8]?)
        parameters.add(text: nil)
        let rows = try connection.query(
            "SELECT $1, $2, $3, $4, $5, $6, $7, 7::int2, 8::int4, true, false, ''::bytea", parameters)
        #expect(rows.count == 1)
        #expect(try rows.int64(0, 0) == .min)
        let id = try rows.identifier(0, 1)
        #expect(id.high == 1 && id.low == .max)
        #expect(rows.bytes(0, 2) == [0, 1, 255])
        #expect(rows.text(0, 3) == "å\u{1F600}")
        for column in 4...6 { #expect(rows.isNull(0, column)) }
        #expect(try rows.optionalInt64(0, 4) == nil && rows.optionalBytes(0, 5) == nil)
        #expect(try rows.int64(0, 7) == 7 && rows.int64(0, 8) == 8)
        #expect(try rows.bool(0, 9) && !rows.bool(0, 10))
        #expect(rows.optionalBytes(0, 11) == [])
        #expect(throws: PostgresError.self) { try rows.identifier(0, 2) }
        #expect(throws: PostgresError.self) { try rows.int64(0, 2) }
    }

    @Test func arraysOfAnySizeBecomeRowsInTheirOrder() throws {
        let connection = try PostgresConnection(PostgresServer.shared().address())
        let (ids, ords, texts) = (PostgresArray(.uuid), PostgresArray(.int8), PostgresArray(.bytea))
        for count in [0, 1, 1_000, 300_000, 2] {
            for array in [ids, ords, texts] { array.removeAll() }
            for number in 0..<count {
                ids.append(high: 7, low: UInt64(number))
                ords.append(number % 3 == 0 ? nil : Int64(number))
                texts.append([UInt8](repeating: UInt8(number % 256), count: number % 40))
            }
            let rows = try connection.query("SELECT * FROM unnest($1, $2, $3)", PostgresParameters([ids, ords, texts]))
            #expect(rows.count == count)
            for row in stride(from: 0, to: count, by: 97) {
                #expect(try rows.identifier(row, 0).low == UInt64(row))
                #expect(try rows.optionalInt64(row, 1) == (row % 3 == 0 ? nil : Int64(row)))
                #expect(rows.bytes(row, 2) == [UInt8](repeating: UInt8(row % 256), count: row % 40))
            }
        }
    }

    @Test func aPipelineGivesEveryAnswerInOrder() throws {
        let connection = try PostgresConnection(PostgresServer.shared().address())
        for _ in 0..<3 {
            let answers = try connection.run(
                (0..<500).map { number in
                    var parameters = PostgresParameters()
                    parameters.add(Int64(number))
                    return PostgresRequest("SELECT $1, repeat('x', 2000)", parameters)
                })
            #expect(try answers.map { try $0.int64(0, 0) } == (0..<500).map(Int64.init))
        }
    }

    @Test func afterAnErrorTheRestOfThePipelineIsNotRunAndTheConnectionGoesOn() throws {
        try PostgresServer.shared().withDatabase { address in
            let connection = try PostgresConnection(address)
            try connection.execute("CREATE TABLE t (a bigint PRIMARY KEY, secret text)")
            let insert = "INSERT INTO t VALUES (1, 'do not tell')"
            _ = try connection.query(insert)
            let error = #expect(throws: PostgresError.self) {
                try connection.run([
                    .init("INSERT INTO t VALUES (2)"), .init(insert), .init("INSERT INTO t VALUES (3)"),
                ])
            }
            #expect(error?.sqlState == "23505" && error?.isRetriable == false && error?.isOutcomeUnknown == false)
            #expect(error?.message.contains("t_pkey") == true && error?.message.contains("do not tell") == false)
            #expect(try connection.query("SELECT count(*) FROM t").int64(0, 0) == 1)
            #expect(throws: PostgresError.self) { try connection.query("SELECT nonsense") }
            _ = try connection.query("INSERT INTO t VALUES (3)")
            #expect(try connection.query("SELECT count(*) FROM t").int64(0, 0) == 2)
        }
    }

    @Test func aTransactionThatThrowsLeavesNothing() throws {
        try PostgresServer.shared().withDatabase { address in
            let connection = try PostgresConnection(address)
            try connection.execute("CREATE TABLE t (a bigint)")
            #expect(throws: TestFailure.self) {
                try connection.transaction {
                    _ = try connection.query("INSERT INTO t VALUES (1)")
                    throw TestFailure("on purpose")
                }
            }
            #expect(!connection.isInTransaction)
            try connection.transaction { _ = try connection.query("INSERT INTO t VALUES (2)") }
            #expect(try connection.query("SELECT a FROM t").int64(0, 0) == 2)
        }
    }

    @Test func copiedRowsArrive() throws {
        try PostgresServer.shared().withDatabase { address in
            let connection = try PostgresConnection(address)
            try connection.execute("CREATE TABLE t (a bigint, b smallint, c int, d bytea)")
            let copied = try connection.copyIn("COPY t FROM STDIN (FORMAT binary)") { writer in
                for number in 0..<100_000 {
                    try writer.row(columns: 4)
                    writer.add(Int64(number))
                    writer.add(small: number % 2 == 0 ? 1 : nil)
                    writer.add(int: 5)
                    writer.add([1, 2, 3])
                }
            }
            #expect(copied == 100_000)
            #expect(try connection.query("SELECT sum(a), count(b), sum(c) FROM t").count == 1)
            #expect(try connection.query("SELECT count(b) FROM t").int64(0, 0) == 50_000)
            #expect(throws: TestFailure.self) {
                try connection.copyIn("COPY t FROM STDIN (FORMAT binary)") { writer in
                    try writer.row(columns: 4)
                    throw TestFailure("on purpose")
                }
            }
            #expect(try connection.query("SELECT count(*) FROM t").int64(0, 0) == 100_000)
        }
    }

    @Test func aKilledBackendIsAnOutcomeThatIsUnknown() throws {
        let server = try PostgresServer.shared()
        let (connection, other) = (try PostgresConnection(server.address()), try PostgresConnection(server.address()))
        _ = try other.query("SELECT pg_terminate_backend(\(connection.backend), 5000)")
        let error = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
        #expect(error?.isOutcomeUnknown == true && error?.isRetriable == true)
        #expect(!connection.isUsable)
        let again = #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
        #expect(again?.isOutcomeUnknown == true)
    }

    @Test func aServerThatIsNotThereAndARoleThatIsNotKnownAreTold() throws {
        let nowhere = try PostgresAddress(url: "postgres://ann@127.0.0.1:1/parley")
        let error = #expect(throws: PostgresError.self) { _ = try PostgresConnection(nowhere) }
        #expect(error?.code == .unreachable && error?.isRetriable == true)
        let stranger = try PostgresServer.shared().address().with(user: "stranger")
        let refusal = #expect(throws: PostgresError.self) { _ = try PostgresConnection(stranger) }
        #expect(refusal?.code == .notAllowed && refusal?.isRetriable == false)
    }
}

@Suite struct PostgresAddressTests {
    @Test func aPasswordInTheURLIsRefusedWithoutQuotingIt() {
        for url in [
            "postgres://ann:s3cret@host/db", "postgres://ann@host/db?password=s3cret", "postgres://ann:s3cret@host:x:y",
        ] {
            let error = #expect(throws: PostgresError.self) { _ = try PostgresAddress(url: url) }
            #expect(error?.code == .configuration && error?.description.contains("s3cret") == false)
        }
    }

    @Test func theDescriptionNamesThePlace() throws {
        let address = try PostgresAddress(url: "postgres://ann@db.example:6432/parley?sslmode=verify-full")
        #expect(address.description == "ann@db.example:6432/parley")
    }
}
