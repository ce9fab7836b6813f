import ContentProtection
import Foundation
import Messaging
import Synchronization
import Testing

@Suite struct ConcurrentKeysTests {
    private static let conversations = 300

    /// What everybody must have got, whoever asked first: the digest that the key of each conversation gives.
    private func digests(
        _ service: SQLiteKeyService, of numbers: some Sequence<UInt64> = 0..<UInt64(ConcurrentKeysTests.conversations)
    ) throws -> [UInt64: String] {
        let sealer = try ContentSealer(keys: service)
        var found: [UInt64: String] = [:]
        for number in numbers {
            let id = ConversationID(Identifier(high: 0x70_726f_6265, low: number))
            found[number] = try sealer.digest(content: [], replyTo: nil, conversation: id).value.description
        }
        return found
    }

    /// Eight threads, of which each two share a service, all wanting the same keys at once.
    @Test func threadsAgreeOnEveryKey() throws {
        try withKeys { keys in
            let services = try (0..<4).map { _ in try keys.service() }
            let found = Mutex<[[UInt64: String]]>([])
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                do {
                    let mine = try digests(services[thread % 4])
                    found.withLock { $0.append(mine) }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
            #expect(failures.withLock { $0 } == [])
            let answers = found.withLock { $0 }
            #expect(answers.count == 8)
            #expect(Set(answers).count == 1)
            #expect(Set(answers[0].values).count == ConcurrentKeysTests.conversations)
        }
    }

    /// Some seal while others erase: whatever was sealed opens, or is erased; nothing is ever unknown or tampered with,
    /// and what a thread itself erased is erased at its next batch.
    @Test func sealingWhileOthersEraseLosesNothingElse() throws {
        try withKeys { keys in
            let services = try (0..<4).map { _ in try keys.service() }
            let seed = UInt64.random(in: 0 ... .max)
            print("seed \(seed)")
            let all = Mutex<[(SealBinding, Sealed)]>([])
            let failures = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 4) { thread in
                do {
                    let mine = try sealAndErase(services[thread], seed: seed &+ UInt64(thread), isEraser: thread == 0)
                    all.withLock { $0 += mine }
                } catch { failures.withLock { $0.append("\(error)") } }
            }
            #expect(failures.withLock { $0 } == [])
            let sealer = try ContentSealer(keys: try keys.service())
            var erased = 0
            for (binding, sealed) in all.withLock({ $0 }) {
                switch try sealer.open(sealed, binding: binding) {
                case .opened(let content): #expect(content == binding.command.value.bytes)
                case .erased: erased += 1
                }
            }
            #expect(erased > 0)
            #expect(erased < all.withLock { $0.count })
        }
    }

    private func sealAndErase(
        _ service: SQLiteKeyService, seed: UInt64, isEraser: Bool
    ) throws -> [(SealBinding, Sealed)] {
        var generator = SeededGenerator(seed: seed)
        let sealer = try ContentSealer(keys: service)
        var made: [(SealBinding, Sealed)] = []
        for _ in 0..<60 {
            try sealer.beginBatch()
            for _ in 0..<10 {
                let binding = SealBinding.body(
                    conversation: ConversationID(Identifier(high: 1, low: .random(in: 0..<20, using: &generator))),
                    message: MessageID(generator.identifier()),
                    author: MemberID(Identifier(high: 2, low: .random(in: 0..<20, using: &generator))),
                    command: CommandID(generator.identifier()))
                made.append((binding, try sealer.seal(binding.command.value.bytes, binding: binding)))
            }
            if isEraser && Int.random(in: 0..<4, using: &generator) == 0, let (binding, sealed) = made.last {
                try service.destroyKeys(of: [.member(binding.author)])
                try sealer.beginBatch()
                #expect(try sealer.open(sealed, binding: binding) == .erased)
            }
        }
        return made
    }

    /// A file size limit stands for a full disk: the error is clear, no key is given that is not kept, and with room
    /// again the work goes on.
    @Test func aFullDiskGivesNoKeyThatIsNotKept() throws {
        try withKeysInFiles { keys in
            let before = try digests(try keys.service())
            let shell = Process()
            let output = Pipe()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            // Blocks of 512 bytes; without the signal a write beyond the limit fails as on a full disk.
            let limit = try readFile(keys.file).count / 512 + 16
            let words = [try probePath(), keys.file, keys.directory + "/master.key", "100000", "1"]
            shell.arguments = ["-c", "trap '' XFSZ; ulimit -f \(limit); exec \"$@\"", "sh"] + words
            shell.standardOutput = output
            let complaint = Pipe()
            shell.standardError = complaint
            try shell.run()
            let given = answers(output)
            let said = String(decoding: complaint.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            shell.waitUntilExit()
            #expect(shell.terminationStatus != 0)
            #expect(said.contains("keyStoreUnavailable") && said.contains(keys.file), "\(said)")
            #expect(!given.isEmpty)
            let service = try keys.service(ifMissing: .fail)
            #expect(try digests(service) == before)
            #expect(try digests(service, of: given.keys) == given)
        }
    }

    private func probePath() throws -> String {
        let own = try #require(try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("KeyStoreProbe").path
    }

    private func probe(_ keys: Keys, seed: UInt64) throws -> (process: Process, output: Pipe) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try probePath())
        process.arguments = [
            keys.file, keys.directory + "/master.key", "\(ConcurrentKeysTests.conversations)", "\(seed)",
        ]
        process.standardOutput = output
        try process.run()
        return (process, output)
    }

    /// The whole lines a probe printed.
    private func answers(_ output: Pipe) -> [UInt64: String] {
        var found: [UInt64: String] = [:]
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let words = line.split(separator: " ")
            if words.count == 2, let number = UInt64(words[0]) { found[number] = String(words[1]) }
        }
        return found
    }

    private func withKeysInFiles(_ body: (Keys) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let masterKey = try MasterKey.create(file: directory + "/master.key")
            try body(Keys(in: directory, masterKey: masterKey))
        }
    }

    @Test func processesAgreeOnEveryKey() throws {
        try withKeysInFiles { keys in
            try withSeed { generator in
                let probes = try (0..<3).map { _ in try probe(keys, seed: generator.next()) }
                let found = probes.map { answers($0.output) }
                for probe in probes {
                    probe.process.waitUntilExit()
                    #expect(probe.process.terminationStatus == 0)
                }
                let expected = try digests(try keys.service(ifMissing: .fail))
                for answer in found { #expect(answer == expected) }
            }
        }
    }

    /// A key that anybody was given before a kill -9 is there afterwards.
    @Test func keysSurviveTheDeathOfTheirMaker() throws {
        try withKeysInFiles { keys in
            try withSeed { generator in
                var given: [UInt64: String] = [:]
                for _ in 0..<8 {
                    let probe = try probe(keys, seed: generator.next())
                    usleep(UInt32.random(in: 0...60_000, using: &generator))
                    kill(probe.process.processIdentifier, SIGKILL)
                    probe.process.waitUntilExit()
                    for (number, digest) in answers(probe.output) {
                        #expect(given.updateValue(digest, forKey: number) ?? digest == digest)
                    }
                }
                let kept = try digests(try keys.service())
                for (number, digest) in given { #expect(kept[number] == digest) }
            }
        }
    }
}
