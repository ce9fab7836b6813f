import SQLite
import Testing

@Suite struct ConnectionTests {
    private func memory() throws -> Connection {
        let connection = try Connection(":memory:")
        try connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, value)")
        return connection
    }

    @Test func everyKindOfValueComesBackAsItWent() throws {
        let connection = try memory()
        let insert = try connection.prepare("INSERT INTO thing (value) VALUES (?1)")
        let long: [UInt8] = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        try insert.bind(Int64.min, at: 1)
        try insert.run()
        try insert.bind(0.5, at: 1)
        try insert.run()
        try insert.bindNull(at: 1)
        try insert.run()
        try insert.bind([UInt8](), at: 1)
        try insert.run()
        try insert.bind(long, at: 1)
        try insert.run()
        try long.withUnsafeBytes {
            try insert.bindBorrowed($0, at: 1)
            try insert.run()
            insert.clearBindings()
        }
        try insert.bind(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10, at: 1)
        try insert.run()
        try insert.bind(text: "", at: 1)
        try insert.run()
        try insert.bind(text: [0x61, 0, 0x62], at: 1)
        try insert.run()

        let read = try connection.statement("SELECT value, typeof(value) FROM thing ORDER BY id")
        #expect(try read.step() && read.int64(0) == Int64.min)
        #expect(try read.step() && read.double(0) == 0.5)
        #expect(try read.step() && read.isNull(0) && read.optionalBytes(0) == nil && read.optionalInt64(0) == nil)
        #expect(try read.step() && read.optionalBytes(0) == [] && read.text(1) == "blob")
        #expect(try read.step() && read.bytes(0) == long)
        #expect(try read.step() && read.bytes(0) == long)
        #expect(try read.step() && read.bytes(0) == Array(1...16))
        let pair = try #require(read.identifier(0))
        #expect(pair.high == 0x0102_0304_0506_0708 && pair.low == 0x090a_0b0c_0d0e_0f10)
        #expect(try read.step() && read.text(1) == "text" && read.bytes(0).isEmpty && read.identifier(0) == nil)
        #expect(try read.step() && read.bytes(0) == [0x61, 0, 0x62])
        #expect(try !read.step())
    }

    @Test func aBodyThatThrowsLeavesNothing() throws {
        struct Stop: Error {}
        let connection = try memory()
        #expect(throws: Stop.self) {
            try connection.transaction {
                try connection.execute("INSERT INTO thing (value) VALUES (1)")
                throw Stop()
            }
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.queryInt64("SELECT count(*) FROM thing") == 0)
        try connection.transaction { try connection.execute("INSERT INTO thing (value) VALUES (1)") }
        #expect(try connection.queryInt64("SELECT count(*) FROM thing") == 1)
        #expect(connection.changes == 1)
    }

    @Test func aBrokenConstraintIsNamedWithItsStatement() throws {
        let connection = try memory()
        try connection.execute("INSERT INTO thing (id) VALUES (1)")
        let insert = try connection.statement("INSERT INTO thing (id) VALUES (1)")
        let error = #expect(throws: SQLiteError.self) { try insert.run() }
        #expect(error?.isConstraint == true)
        #expect(error?.extendedCode == 1555)
        #expect(error?.sql == "INSERT INTO thing (id) VALUES (1)")
        #expect(error?.message.contains("thing.id") == true)
    }

    @Test func aParameterThatIsNotThereIsRefused() throws {
        let statement = try memory().prepare("SELECT ?1")
        #expect(throws: SQLiteError.self) { try statement.bind(Int64(1), at: 2) }
        #expect(throws: SQLiteError.self) { try statement.bind(high: 1, low: 1, at: 2) }
        #expect(throws: SQLiteError.self) { try statement.bind(high: 1, low: 1, at: 0) }
    }

    @Test func theSameTextIsPreparedOnce() throws {
        let connection = try memory()
        #expect(try connection.statement("SELECT 1") === connection.statement("SELECT 1"))
    }

    @Test func aSecondWriterGetsBusyAfterItsTimeout() throws {
        try withTemporaryDirectory { directory in
            let one = try Connection("\(directory)/file", pragmas: ["journal_mode=WAL"])
            let other = try Connection("\(directory)/file", busyTimeoutMillis: 20)
            try one.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY)")
            try one.beginImmediate()
            let error = #expect(throws: SQLiteError.self) { try other.transaction {} }
            #expect(error?.isBusy == true && error?.isRetriable == true)
            one.rollbackTransaction()
            try other.transaction { try other.execute("INSERT INTO thing VALUES (1)") }
        }
    }

    @Test func dataVersionChangesOnlyByOthers() throws {
        try withTemporaryDirectory { directory in
            let one = try Connection("\(directory)/file", pragmas: ["journal_mode=WAL"])
            let other = try Connection("\(directory)/file")
            try one.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY)")
            let before = try one.dataVersion()
            try one.execute("INSERT INTO thing VALUES (1)")
            #expect(try one.dataVersion() == before)
            try other.execute("INSERT INTO thing VALUES (2)")
            #expect(try one.dataVersion() != before)
        }
    }

    @Test func pageSizeAndPragmasAreTheCallers() throws {
        try withTemporaryDirectory { directory in
            let one = try Connection(
                "\(directory)/file", pageSize: 16_384, pragmas: ["journal_mode=WAL", "synchronous=FULL"])
            #expect(try one.queryInt64("PRAGMA page_size") == 16_384)
            #expect(try one.queryText("PRAGMA journal_mode") == "wal")
            #expect(try one.queryInt64("PRAGMA synchronous") == 2)
        }
    }

    @Test func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: SQLiteError.self) { try Connection("/nowhere/file", access: .readWrite) }
        #expect(error?.isCannotOpen == true)
        #expect(error?.sql == "/nowhere/file")
    }

    @Test func aFullFileIsRolledBackAndUsableAgain() throws {
        try withTemporaryDirectory { directory in
            let connection = try Connection("\(directory)/file", pragmas: ["journal_mode=WAL"])
            try connection.execute("CREATE TABLE thing (value BLOB); PRAGMA max_page_count=10")
            let error = #expect(throws: SQLiteError.self) {
                try connection.transaction { try connection.execute("INSERT INTO thing VALUES (zeroblob(1000000))") }
            }
            #expect(error?.isFull == true)
            try connection.execute("PRAGMA max_page_count=100000")
            try connection.transaction { try connection.execute("INSERT INTO thing VALUES (zeroblob(1000000))") }
        }
    }

    @Test func aStatementOutlivesItsConnection() throws {
        let statement = try { try Connection(":memory:").prepare("SELECT 7") }()
        #expect(try statement.step() && statement.int64(0) == 7)
    }
}
