import EventLog
import Glibc
import Messaging
import Projection
import SQLite
import Simulation
import TestSupport
import Testing
import ViewStorage

/// View files that are damaged, foreign, read-only or full: a clear error, and a way out.
@Suite struct ViewFileTests {
    /// A projected view in a file that nobody has open.
    private func makeView(_ projection: ProjectionName, _ path: String) throws -> ProjectedLog {
        let world = ProjectedLog.inMemory()
        try world.append(HistoryGenerator.history(seed: 21, count: 300, kind: .mixed).records.map(\.record))
        _ = try world.projector(try SQLiteStore.open(projection, path)).catchUp()
        return world
    }

    private func failure(_ body: () throws -> Void) throws -> ProjectionError {
        do { try body() } catch let error as ProjectionError { return error }
        throw TestFailure("nothing failed")
    }

    @Test(arguments: ProjectionName.allCases)
    func aFileThatIsNoDatabaseIsCorrupt(_ projection: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/view.db"
            try overwrite(path, at: 0, with: Array(repeating: 0x5a, count: 40_000))
            let error = try failure { _ = try SQLiteStore.open(projection, path) }
            #expect(error.code == .corrupt && !error.isRetriable)
            #expect(
                error.message.contains(path) && error.message.contains("parley project \(projection.rawValue) --once"))
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func aFileWithDamagedPagesIsCorruptAndMayBeBuiltAnew(_ projection: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/view.db"
            let world = try makeView(projection, path)
            try overwrite(path, at: 8_192, with: Array(repeating: 0x5a, count: 30 * 8_192))
            try world.append(HistoryGenerator.history(seed: 22, count: 300, kind: .mixed).records.map(\.record))
            let error = try failure { _ = try world.projector(try SQLiteStore.open(projection, path)).catchUp() }
            #expect(
                error.code == .corrupt && error.message.contains(path) && error.message.contains("move the file away"))
            for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
            let store = try SQLiteStore.open(projection, path)
            _ = try world.projector(store).catchUp()
            try world.require(store, "the view that was built anew differs from the model")
        }
    }

    @Test func aViewOfANewerVersionIsIncompatible() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/view.db"
            _ = try makeView(.shared, path)
            try Connection(path).execute("PRAGMA user_version = 99")
            let error = try failure { _ = try SQLiteStore.open(.shared, path) }
            #expect(error.code == .incompatible && error.message.contains(path) && error.message.contains("newer"))
        }
    }

    @Test func theOtherViewsFileAndForeignFilesAreIncompatible() throws {
        try withTemporaryDirectory { directory in
            _ = try makeView(.shared, "\(directory)/shared.db")
            try Connection("\(directory)/foreign.db").execute("CREATE TABLE notes (text TEXT)")
            for name in ["shared", "foreign"] {
                let error = try failure { _ = try SQLiteStore.open(.personal, "\(directory)/\(name).db") }
                #expect(error.code == .incompatible && error.message.contains("\(name).db"))
            }
            let notes = try Connection("\(directory)/foreign.db").queryInt64("SELECT count(*) FROM sqlite_schema")
            #expect(notes == 1)
        }
    }

    @Test func aDirectoryInPlaceOfTheFileCannotBeOpened() throws {
        try withTemporaryDirectory { directory in
            let error = try failure { _ = try SQLiteStore.open(.shared, directory) }
            #expect(error.code == .cannotOpen && error.message.contains(directory))
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func aFileThatMayNotBeWrittenIsReadOnly(_ projection: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/view.db"
            let world = try makeView(projection, path)
            chmod(path, 0o444)
            chmod(directory, 0o555)
            defer { chmod(directory, 0o755) }
            let error = try asNobody {
                try failure { _ = try world.projector(try SQLiteStore.open(projection, path)).catchUp() }
            }
            #expect([.readOnly, .cannotOpen].contains(error.code) && error.message.contains(path), "\(error)")
        }
    }

    // MARK: Full

    @Test(arguments: ProjectionName.allCases)
    func aViewThatCannotGrowSaysSoAndGoesOnWhenItMay(_ projection: ProjectionName) throws {
        let world = ProjectedLog.inMemory()
        let store = try SQLiteStore.open(projection, ":memory:")
        let connection = try SQLiteStore.database(of: store).connection
        var failures = 0
        for seed: UInt64 in 30..<40 {
            try world.append(HistoryGenerator.history(seed: seed, count: 300, kind: .mixed).records.map(\.record))
            let pages = try #require(try connection.queryInt64("PRAGMA page_count"))
            try connection.execute("PRAGMA max_page_count = \(pages)")
            do { _ = try world.projector(store, batchRecords: 200).catchUp() } catch let error as ProjectionError {
                failures += 1
                #expect(error.code == .full && error.isRetriable && error.message.contains("make room"))
            }
            try connection.execute("PRAGMA max_page_count = 1000000")
        }
        #expect(failures > 0)
        _ = try world.projector(store).catchUp()
        try world.require(store, "the view that was full differs from the model")
    }

    /// An outage is no record's fault, however often it happens while a record is applied alone.
    @Test func outagesParkNothing() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 12, count: 60, kind: .mixed).records.map(\.record))
            for round in 0..<8 {
                let store = OutageStore(try SQLiteStore.open(.shared, "\(directory)/view.db"))
                // First a death, so that records are applied alone; then nothing but outages.
                store.dies = round == 0
                let owner = LeaseOwner(text: SQLiteStore.deadOwner.text + "\(round)")
                #expect(throws: (any Error).self) { try world.projector(store, owner: owner).catchUp() }
            }
            let store = try SQLiteStore.open(.shared, "\(directory)/view.db")
            #expect(try world.projector(store).catchUp().parked == 0)
            try world.require(store, "the view after the outages differs from the model")
        }
    }
}

/// A store that cannot apply anything, as on a full disk.
private final class OutageStore: ViewStore {
    private let store: any ViewStore
    var dies = false

    init(_ store: any ViewStore) { self.store = store }

    var projection: ProjectionName { store.projection }
    func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] {
        try store.claim(partitions, owner: owner, leaseMicros: leaseMicros)
    }
    func release(owner: LeaseOwner) throws { try store.release(owner: owner) }
    func positions() throws -> [TopicPartition: Int64] { try store.positions() }
    func attempts() throws -> [Attempt] { try store.attempts() }
    func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {
        try store.begin(attempts, epochs: epochs)
    }
    func apply(_ batch: ProjectionBatch) throws -> BatchReport {
        if dies { throw MortalStore.Death() }
        throw ProjectionError(.full, "no space is left", isRetriable: true)
    }
}

/// Writes bytes into a file, making it when it is not there.
private func overwrite(_ path: String, at offset: Int, with bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CREAT, 0o644)
    defer { close(file) }
    guard file >= 0, pwrite(file, bytes, bytes.count, off_t(offset)) == bytes.count else {
        throw TestFailure("cannot write \(path): errno \(errno)")
    }
}

/// Runs `body` with a file system that sees this thread as nobody, so that permissions count even for root.
private func asNobody<Result>(_ body: () throws -> Result) throws -> Result {
    guard let symbol = dlsym(nil, "setfsuid") else { throw TestFailure("this system has no setfsuid") }
    let setUser = unsafeBitCast(symbol, to: (@convention(c) (uid_t) -> CInt).self)
    let before = setUser(65_534)
    defer { _ = setUser(uid_t(before)) }
    return try body()
}
