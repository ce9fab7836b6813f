import Glibc
import Messaging
import SQLite
import Testing

@testable import ContentProtection

@Suite struct ErasureTests {
    /// All wrapped keys of a key store, as they stand in its file.
    private func wrappedKeys(_ file: String) throws -> [[UInt8]] {
        let connection = try Connection(file, access: .readWrite)
        let query = try connection.prepare("SELECT wrapped FROM wrapped_key ORDER BY slot")
        var found: [[UInt8]] = []
        while try query.step() { found.append(query.bytes(0)) }
        return found
    }

    /// How many of these byte sequences stand anywhere in the files of a directory.
    private func traces(of needles: [[UInt8]], in directory: String) throws -> Int {
        let files = try names(in: directory).map { try readFile("\(directory)/\($0)") }
        return needles.count { needle in files.contains { contains($0, needle) } }
    }

    private func copy(_ keys: Keys, to directory: String) throws {
        for name in ["keys.sqlite", "keys.sqlite-wal"] {
            try writeFile("\(directory)/\(name)", try readFile("\(keys.directory)/\(name)"))
        }
    }

    @Test(arguments: [KeyOwner.Kind.member, .conversation])
    func contentIsErasedAtOnceAndNewContentWorks(kind: KeyOwner.Kind) throws {
        try withKeys { keys in
            try withSeed { generator in
                let service = try keys.service()
                let sealer = try ContentSealer(keys: service)
                let binding = SealBinding.random(&generator)
                var unrelated = binding
                if kind == .member {
                    unrelated.author = MemberID(generator.identifier())
                } else {
                    unrelated.conversation = ConversationID(generator.identifier())
                }
                let sealed = try sealer.seal([1], binding: binding)
                let kept = try sealer.seal([2], binding: unrelated)
                try service.destroyKeys(
                    of: [kind == .member ? .member(binding.author) : .conversation(binding.conversation)])
                try sealer.beginBatch()
                let header = try SealedHeader(sealed)
                #expect(try sealer.open(sealed, binding: binding) == .erased)
                #expect(try sealer.isErased(header, author: binding.author, conversation: binding.conversation))
                #expect(try sealer.open(kept, binding: unrelated) == .opened([2]))
                let new = try sealer.seal([3], binding: binding)
                #expect(try sealer.open(new, binding: binding) == .opened([3]))
                #expect(try sealer.open(sealed, binding: binding) == .erased)
            }
        }
    }

    @Test func aSealerElsewhereForgetsAtItsNextBatch() throws {
        try withKeys { keys in
            try withSeed { generator in
                let here = try keys.service()
                let there = try keys.service()
                let sealer = try ContentSealer(keys: there)
                let binding = SealBinding.random(&generator)
                try sealer.beginBatch(sealingFor: [.member(binding.author), .conversation(binding.conversation)])
                let sealed = try sealer.seal([1], binding: binding)
                #expect(try sealer.open(sealed, binding: binding) == .opened([1]))
                try here.destroyKeys(of: [.member(binding.author)])
                try sealer.beginBatch(sealingFor: [.member(binding.author)])
                #expect(try sealer.open(sealed, binding: binding) == .erased)
                let new = try sealer.seal([2], binding: binding)
                #expect(try SealedHeader(new).authorGeneration == 2)
            }
        }
    }

    /// In random order, in batches of random size, with new keys made in between: no destroyed key leaves a byte.
    @Test func destroyedKeysAreGoneFromEveryFile() throws {
        try withKeys { keys in
            try withSeed { generator in
                let service = try keys.service()
                var owners = (0..<1_500).map { _ in KeyOwner.member(MemberID(generator.identifier())) }
                for start in stride(from: 0, to: owners.count, by: 300) {
                    _ = try service.currentKeys(of: Array(owners[start..<start + 300]))
                }
                let before = try wrappedKeys(keys.file)
                #expect(try traces(of: before, in: keys.directory) == owners.count)
                owners.shuffle(using: &generator)
                for _ in 0..<12 {
                    let count = Int.random(in: 1...100, using: &generator)
                    #expect(try service.destroyKeys(of: Array(owners.prefix(count))) == count)
                    let now = try wrappedKeys(keys.file)
                    let destroyed = zip(before, now).filter { $0 != $1 }.map(\.0)
                    #expect(try traces(of: destroyed, in: keys.directory) == 0)
                    // New generations of some of them.
                    _ = try service.currentKeys(of: Array(owners.prefix(Int.random(in: 0...count, using: &generator))))
                    owners.removeFirst(count)
                }
                let left = try wrappedKeys(keys.file)[..<before.count].filter { $0.contains { $0 != 0 } }
                #expect(left.count == owners.count)
                #expect(try traces(of: left, in: keys.directory) == left.count)
            }
        }
    }

    /// A process killed between the commit of a destruction and the emptying of the log: whoever opens the file next
    /// finishes it.
    @Test func anInterruptedDestructionIsFinishedAtTheNextOpening() throws {
        try withKeys { keys in
            try withTemporaryDirectory { crashed in
                let service = try keys.service()
                let owner = KeyOwner.member(MemberID(Identifier(high: 1, low: 1)))
                _ = try service.currentKeys(of: [owner, .member(MemberID(Identifier(high: 1, low: 2)))])
                let wrapped = try wrappedKeys(keys.file)
                let store = try KeyStore(file: keys.file, masterKey: keys.masterKey, ifMissing: .fail)
                #expect(try store.destroyKeys(of: [owner]) == 1)
                try copy(keys, to: crashed)
                #expect(try traces(of: [wrapped[0]], in: crashed) == 1, "the log holds it until it is emptied")
                let next = try SQLiteKeyService(
                    file: crashed + "/keys.sqlite", masterKey: keys.masterKey, ifMissing: .fail)
                #expect(try traces(of: [wrapped[0]], in: crashed) == 0)
                #expect(try traces(of: [wrapped[1]], in: crashed) == 1)
                guard case .destroyed = try next.key(of: owner, generation: 1) else {
                    Issue.record("the destroyed key is there again")
                    return
                }
            }
        }
    }

    /// A reader in the way: the keys are dead at once, the error says what is left to do, and doing it again does it.
    @Test func anErasureThatAnotherProcessHoldsUpSaysSo() throws {
        try withKeys { keys in
            let service = try SQLiteKeyService(
                file: keys.file, masterKey: keys.masterKey, ifMissing: .create, busyTimeoutMillis: 200)
            let owner = KeyOwner.conversation(ConversationID(Identifier(high: 1, low: 1)))
            _ = try service.currentKey(of: owner)
            let wrapped = try wrappedKeys(keys.file)
            let reader = try Connection(keys.file, access: .readWrite)
            try reader.execute("BEGIN")
            _ = try reader.queryInt64("SELECT count(*) FROM owner_key")
            #expect(code { try service.destroyKeys(of: [owner]) } == .erasureUnfinished)
            guard case .destroyed = try service.key(of: owner, generation: 1) else {
                Issue.record("the destroyed key still works")
                return
            }
            try reader.execute("COMMIT")
            #expect(try service.destroyKeys(of: [owner]) == 0)
            #expect(try traces(of: wrapped, in: keys.directory) == 0)
        }
    }
}
