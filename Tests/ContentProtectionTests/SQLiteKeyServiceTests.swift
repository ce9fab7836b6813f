import ContentProtection
import Glibc
import Messaging
import SQLite
import Testing

@Suite struct SQLiteKeyServiceTests {
    private func owner(_ number: UInt64) -> KeyOwner { .member(MemberID(Identifier(high: 7, low: number))) }

    private func raw(_ current: CurrentKey) -> [UInt8] { current.key.withBytes { Array($0) } }

    private func raw(_ lookup: KeyLookup) -> [UInt8]? {
        if case .key(let key) = lookup { key.withBytes { Array($0) } } else { nil }
    }

    @Test func aKeyStaysTheSameForEverybodyAndForever() throws {
        try withKeys { keys in
            let one = try keys.service()
            let first = try one.currentKey(of: owner(1))
            #expect(first.generation == 1)
            #expect(raw(try one.currentKey(of: owner(1))) == raw(first))
            #expect(raw(try keys.service(ifMissing: .fail).currentKey(of: owner(1))) == raw(first))
            #expect(raw(try one.key(of: owner(1), generation: 1)) == raw(first))
        }
    }

    @Test func everyOwnerHasAKeyOfItsOwn() throws {
        try withKeys { keys in
            let service = try keys.service()
            let id = Identifier(high: 1, low: 2)
            let owners = (0..<100).map(owner) + [.member(MemberID(id)), .conversation(ConversationID(id))]
            let made = try service.currentKeys(of: owners)
            #expect(made.count == owners.count)
            #expect(Set(made.map(raw)).count == owners.count)
            for (owner, current) in zip(owners, made) {
                #expect(raw(try service.key(of: owner, generation: current.generation)) == raw(current))
            }
        }
    }

    @Test func anOwnerNamedTwiceIsAnsweredTwice() throws {
        try withKeys { keys in
            let service = try keys.service()
            let made = try service.currentKeys(of: [owner(1), owner(2), owner(1)])
            #expect(made.map(\.generation) == [1, 1, 1])
            #expect(raw(made[0]) == raw(made[2]))
            #expect(raw(made[0]) != raw(made[1]))
            #expect(try service.currentKeys(of: []).isEmpty)
        }
    }

    /// However many keys a call makes, it commits, and so syncs, once.
    @Test func aBatchOfKeysIsOneCommit() throws {
        try withKeys { keys in
            let service = try keys.service()
            _ = try service.currentKey(of: owner(0))
            let before = try commits(inLogOf: keys.file)
            _ = try service.currentKeys(of: (0..<500).map(owner))
            #expect(try commits(inLogOf: keys.file) == before + 1)
            _ = try service.currentKeys(of: (0..<500).map(owner))
            #expect(try commits(inLogOf: keys.file) == before + 1)
        }
    }

    /// Counts the commit frames of a write-ahead log (https://sqlite.org/fileformat2.html section 4.1).
    private func commits(inLogOf file: String) throws -> Int {
        let log = try readFile(file + "-wal")
        let frame = 24 + 4_096
        return stride(from: 32, through: log.count - frame, by: frame).count {
            log[$0 + 4..<$0 + 8].contains { $0 != 0 }
        }
    }

    @Test func afterADestructionTheNextGenerationBegins() throws {
        try withKeys { keys in
            let service = try keys.service()
            let first = try service.currentKey(of: owner(1))
            _ = try service.currentKey(of: owner(2))
            #expect(try service.destroyKeys(of: [owner(1), owner(3)]) == 1)
            #expect(try service.destroyKeys(of: [owner(1)]) == 0)
            guard case .destroyed = try service.key(of: owner(1), generation: 1) else {
                Issue.record("the destroyed key is still there")
                return
            }
            let second = try service.currentKey(of: owner(1))
            #expect(second.generation == 2)
            #expect(raw(second) != raw(first))
            #expect(raw(try service.key(of: owner(2), generation: 1)) != nil)
            #expect(try service.currentKey(of: owner(3)).generation == 1)
            #expect(try service.destroyKeys(of: [owner(1)]) == 1)
            #expect(try service.currentKey(of: owner(1)).generation == 3)
        }
    }

    @Test func aGenerationNeverGivenIsUnknown() throws {
        try withKeys { keys in
            let service = try keys.service()
            _ = try service.currentKey(of: owner(1))
            let never: [(KeyOwner, KeyGeneration)] = [(owner(1), 2), (owner(1), 0), (owner(1), .max), (owner(2), 1)]
            for (owner, generation) in never {
                guard case .unknown = try service.key(of: owner, generation: generation) else {
                    Issue.record("\(owner) has a generation \(generation)")
                    continue
                }
            }
        }
    }

    @Test func everyDestructionMovesTheMarkOfEveryService() throws {
        try withKeys { keys in
            let one = try keys.service()
            let other = try keys.service()
            let start = try other.destructionMark()
            _ = try one.currentKeys(of: [owner(1), owner(2)])
            #expect(try other.destructionMark() == start)
            try one.destroyKeys(of: [owner(1)])
            let middle = try other.destructionMark()
            #expect(middle > start)
            #expect(try one.destructionMark() == middle)
            try other.destroyKeys(of: [owner(9)])
            #expect(try one.destructionMark() == middle, "there was nothing to destroy")
            try other.destroyKeys(of: [owner(2)])
            #expect(try one.destructionMark() > middle)
            #expect(try other.destructionMark() == one.destructionMark())
        }
    }

    // MARK: Opening

    @Test func theFilesArePrivateWhateverTheUmask() throws {
        try withKeys { keys in
            let old = umask(0)
            defer { umask(old) }
            let service = try keys.service()
            _ = try service.currentKey(of: owner(1))
            #expect(try names(in: keys.directory) == ["keys.sqlite", "keys.sqlite-shm", "keys.sqlite-wal"])
            for name in try names(in: keys.directory) { #expect(try mode(of: "\(keys.directory)/\(name)") == 0o600) }
        }
    }

    @Test func aWrongMasterKeyIsCalledThatAndChangesNothing() throws {
        try withKeys { keys in
            let first = try keys.service().currentKey(of: owner(1))
            let wrong = try MasterKey.random()
            for ifMissing in [SQLiteKeyService.IfMissing.create, .fail] {
                #expect(
                    code { _ = try SQLiteKeyService(file: keys.file, masterKey: wrong, ifMissing: ifMissing) }
                        == .wrongMasterKey)
            }
            #expect(raw(try keys.service().currentKey(of: owner(1))) == raw(first))
        }
    }

    @Test func eachWayOfFailingToOpenHasItsError() throws {
        try withKeys { keys in
            #expect(code { _ = try keys.service(ifMissing: .fail) } == .keyStoreMissing)
            #expect(try names(in: keys.directory).isEmpty, "nothing was made")
            try writeFile(keys.file, [])
            #expect(code { _ = try keys.service(ifMissing: .fail) } == .keyStoreMissing)
            _ = try keys.service()
            for exposed in [0o644, 0o640, 0o602] as [mode_t] {
                chmod(keys.file, exposed)
                #expect(code { _ = try keys.service() } == .keyStoreExposed)
            }
            // No such directory, a directory, and a file system where even root may make no file.
            for file in [keys.directory + "/none/keys.sqlite", keys.directory, "/proc/keys.sqlite"] {
                let found = code {
                    _ = try SQLiteKeyService(file: file, masterKey: keys.masterKey, ifMissing: .create)
                }
                #expect(found == .keyStoreUnavailable, "\(file)")
            }
        }
    }

    @Test func anotherKindOfFileIsRefused() throws {
        try withKeys { keys in
            try Connection(keys.file).execute("CREATE TABLE thing (value)")
            chmod(keys.file, 0o600)
            #expect(code { _ = try keys.service() } == .keyStoreDamaged)
            try writeFile(keys.file, Array("this is not a database at all, but it is long enough".utf8))
            #expect(code { _ = try keys.service() } == .keyStoreDamaged)
        }
    }

    @Test func aCutFileIsCalledDamaged() throws {
        try withKeys { keys in
            let owners = (0..<500).map(owner)
            _ = try keys.service().currentKeys(of: owners)
            let whole = try readFile(keys.file)
            for share in [1, 2, 3] {
                try writeFile(keys.file, Array(whole.prefix(whole.count / 4_096 * share / 4 * 4_096)))
                #expect(code { _ = try keys.service(ifMissing: .fail).currentKeys(of: owners) } == .keyStoreDamaged)
            }
            try writeFile(keys.file, whole)
            _ = try keys.service(ifMissing: .fail).currentKeys(of: owners)
        }
    }

    /// Whoever can write the file but has no master key cannot give one owner the key of another.
    @Test func aKeyMovedToAnotherRowIsRefused() throws {
        try withKeys { keys in
            _ = try keys.service().currentKeys(of: [owner(1), owner(2)])
            do {
                let intruder = try Connection(keys.file)
                try intruder.execute(
                    "UPDATE owner_key SET slot = 3 - slot; UPDATE owner_key SET generation = 2 WHERE slot = 1")
            }
            let service = try keys.service()
            #expect(code { _ = try service.key(of: owner(1), generation: 1) } == .keyStoreDamaged)
            #expect(code { _ = try service.currentKey(of: owner(2)) } == .keyStoreDamaged)
        }
    }

    @Test func aNewerFormatIsRefused() throws {
        try withKeys { keys in
            _ = try keys.service()
            try Connection(keys.file).execute("PRAGMA user_version = 2")
            #expect(code { _ = try keys.service() } == .keyStoreUnavailable)
        }
    }
}
