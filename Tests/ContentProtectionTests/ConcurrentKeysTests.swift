import ContentProtection
import Foundation
import Messaging
import Synchronization
import Testing

@Suite struct ConcurrentKeysTests {
    private static let conversations = 300

    /// What everybody must have got, whoever asked first: the digest that the key of each conversation gives.
    private func digests(_ service: SQLiteKeyService) throws -> [UInt64: String] {
        let sealer = try ContentSealer(keys: service)
        var found: [UInt64: String] = [:]
        for number in 0..<UInt64(ConcurrentKeysTests.conversations) {
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

    private func probe(_ keys: Keys, seed: UInt64) throws -> (process: Process, output: Pipe) {
        let own = try #require(try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(
            "KeyStoreProbe")
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
