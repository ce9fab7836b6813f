import EventLog
import Glibc
import LegacyMailbox
import SQLite
import TestSupport
import Testing

@Suite struct LegacyStoreTests {
    private let ada = Array("ada@old.example".utf8)
    private let bob = Array("bob@old.example".utf8)
    private let eve = Array("eve@old.example".utf8)
    private let thread = Array("thread 1".utf8)
    private let first = Array("<1@old.example>".utf8)

    private func draft(_ key: [UInt8], from sender: [UInt8], to recipients: [[UInt8]] = []) -> LegacyStore.Draft {
        LegacyStore.Draft(
            sender: sender, recipients: recipients, subject: Array("Engines".utf8), body: Array("hello".utf8),
            deduplicationKey: key)
    }

    private func withStore(_ body: (LegacyStore, String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/legacy.sqlite"
            try body(try LegacyStore.create(file: file), file)
        }
    }

    private func copies(_ writes: [LegacyWrite]) -> [LegacyCopy] {
        writes.compactMap { if case .copy(let copy) = $0.row { copy } else { nil } }
    }

    @Test func sendingWritesTheThreadItsParticipantsAndACopyForEach() throws {
        try withStore { store, _ in
            let writes = try store.send(draft(first, from: ada, to: [bob, eve]), thread: thread)
            #expect(writes.count == 7)
            #expect(copies(writes).map(\.owner) == [ada, bob, eve])
            #expect(copies(writes).map(\.folder) == [LegacyFolder.sent, LegacyFolder.inbox, LegacyFolder.inbox])
            #expect(Set(copies(writes).map(\.deduplicationKey)) == [first])
            #expect(try store.send(draft(first, from: ada, to: [bob]), thread: thread).isEmpty)
        }
    }

    @Test func versionsAreStrictThoughTheClockStandsStillOrGoesBack() throws {
        try withTemporaryDirectory { directory in
            let clock = ManualClock(micros: 1_000_000)
            let store = try LegacyStore.create(file: directory + "/legacy.sqlite", clock: clock.clock)
            var versions = try store.send(draft(first, from: ada, to: [bob]), thread: thread).map(\.sourceVersion)
            clock.set(micros: 10)
            versions += try store.star(thread: thread, message: first, owner: bob, on: true).map(\.sourceVersion)
            versions += try store.edit(thread: thread, message: first, body: Array("new".utf8)).map(\.sourceVersion)
            #expect(versions == (0..<8).map { 1_000_000 + $0 })
        }
    }

    @Test func actionsChangeTheCopiesTheyShould() throws {
        try withStore { store, _ in
            _ = try store.send(draft(first, from: ada, to: [bob, eve]), thread: thread)
            #expect(copies(try store.edit(thread: thread, message: first, body: Array("x".utf8))).count == 3)
            #expect(try store.edit(thread: thread, message: first, body: Array("x".utf8)).isEmpty)
            let read = try store.markRead(thread: thread, message: first, owner: bob, on: true)
            #expect(copies(read).map(\.owner) == [bob])
            #expect(copies(read)[0].readAt == read[0].sourceVersion)
            let unread = try store.markRead(thread: thread, message: first, owner: bob, on: false)
            #expect(copies(unread)[0].readAt == nil)
            #expect(copies(try store.deleteOwn(thread: thread, message: first, owner: eve))[0].deletion == .own)
            let gone = copies(try store.deleteForEveryone(thread: thread, message: first, by: ada))
            #expect(gone.count == 3)
            #expect(gone.allSatisfy { $0.deletion == .everyone && $0.body == nil && $0.deletedBy == ada })
            #expect(try store.edit(thread: thread, message: first, body: Array("y".utf8)).isEmpty)
        }
    }

    @Test func newMessageBringsAMovedThreadBackAndReachesOnlyWhoIsInside() throws {
        try withStore { store, _ in
            _ = try store.send(draft(first, from: ada, to: [bob, eve]), thread: thread)
            let moved = try store.move(thread: thread, owner: bob, folder: LegacyFolder.archive)
            #expect(moved.count == 2)
            #expect(try store.remove(thread: thread, owner: eve).count == 1)
            let writes = try store.send(draft(Array("<2>".utf8), from: ada), thread: thread)
            #expect(copies(writes).map(\.owner) == [ada, bob])
            guard case .participant(let row)? = writes.first?.row else { return #expect(Bool(false)) }
            #expect(row.owner == bob && row.folder == LegacyFolder.inbox)
            #expect(try store.add(thread: thread, owners: [eve, eve, bob]).count == 1)
            #expect(try store.rename(thread: thread, subject: Array("New".utf8)).count == 1)
        }
    }

    @Test func whatIsNotThereIsNotFoundAndNothingIsWritten() throws {
        try withStore { store, file in
            #expect { try store.edit(thread: thread, message: first, body: []) } throws: {
                ($0 as? LegacyError)?.code == .notFound
            }
            #expect { try store.send(draft([0], from: ada), thread: thread) } throws: {
                ($0 as? LegacyError)?.code == .invalid
            }
            let database = try Connection(file)
            #expect(try database.queryInt64("SELECT count(*) FROM outbox") == 0)
        }
    }

    @Test func missingStoreIsMissing() throws {
        try withTemporaryDirectory { directory in
            let error = #expect(throws: LegacyError.self) { try LegacyStore(file: directory + "/none.sqlite") }
            try #require(error?.code == .missing)
        }
    }

    @Test func schemaFileIsTheSchema() throws {
        let here = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/" + here + "/Schemas/legacy.sql"
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0, "\(path)")
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 100_000)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == LegacySchema.sql)
    }
}
