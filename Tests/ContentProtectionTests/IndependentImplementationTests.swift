import Foundation
import Messaging
import Testing

@testable import ContentProtection

/// Against Tests/ContentProtection/sealed.py, written in Python from Schemas/SEALED.md alone; both ways.
///
/// Needs `python3` with the package `cryptography` (`make test` installs them) and fails without; set
/// PARLEY_SKIP_PYTHON=1 to skip what needs it.
@Suite struct IndependentImplementationTests {
    private static let runsPython = ProcessInfo.processInfo.environment["PARLEY_SKIP_PYTHON"] != "1"
    private static let directory = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("ContentProtection")

    /// A case as sealed.py has it.
    struct Case: Codable, Equatable {
        var name: String?
        var kind: String
        var conversation: String
        var message: String?
        var author: String
        var command: String
        var replyTo: String?
        var authorGeneration: UInt32
        var authorKey: String?
        var conversationGeneration: UInt32
        var conversationKey: String?
        var contentKey: String?
        var nonce: String?
        var plaintext: String
        var sealed: String?
        var digest: String?
        var error: String?

        func binding() throws -> SealBinding {
            let conversation = try #require(ConversationID(text: conversation.utf8))
            let author = try #require(MemberID(text: author.utf8))
            let command = try #require(CommandID(text: command.utf8))
            guard let message else {
                #expect(kind == "title")
                return .title(conversation: conversation, author: author, command: command)
            }
            #expect(kind == "body")
            let id = try #require(MessageID(text: message.utf8))
            return .body(conversation: conversation, message: id, author: author, command: command)
        }

        func reply() throws -> MessageID? { try replyTo.map { try #require(MessageID(text: $0.utf8)) } }

        func key(_ hexadecimal: String?, _ generation: UInt32) throws -> CachedKey {
            let raw = bytes(try #require(hexadecimal))
            return CachedKey(
                generation: generation, secret: try #require(raw.withUnsafeBytes { SecretKey(bytes: $0) }))
        }
    }

    /// The first in PATH that has the package, else the system's.
    private static let interpreter: String = {
        for candidate in ["python3", "/usr/bin/python3"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [candidate, "-c", "import cryptography"]
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { continue }
            process.waitUntilExit()
            if process.terminationStatus == 0 { return candidate }
        }
        return "python3"
    }()

    private static func python(_ arguments: [String], input: [Case] = []) throws -> [Case] {
        let process = Process()
        let stdin = Pipe()
        let stdout = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [interpreter, directory.appendingPathComponent("sealed.py").path] + arguments
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        // The script reads its whole input before it writes.
        try stdin.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(input))
        try stdin.fileHandleForWriting.close()
        let answer = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0,
            "sealed.py failed: install python3 and python3-cryptography, or set PARLEY_SKIP_PYTHON=1"
        )
        return try JSONDecoder().decode([Case].self, from: answer)
    }

    private static func committed() throws -> [Case] {
        try JSONDecoder().decode([Case].self, from: Data(contentsOf: directory.appendingPathComponent("vectors.json")))
    }

    /// Keys of one case, as a key service.
    private struct Known: KeyService {
        var keys: [KeyOwner: CurrentKey]

        func currentKeys(of owners: [KeyOwner]) throws -> [CurrentKey] { try owners.map { try #require(keys[$0]) } }
        func key(of owner: KeyOwner, generation: KeyGeneration) throws -> KeyLookup {
            keys[owner].flatMap { $0.generation == generation ? .key($0.key) : nil } ?? .unknown
        }
        func destroyKeys(of owners: [KeyOwner]) throws -> Int { 0 }
        func destructionMark() throws -> UInt64 { 0 }
    }

    private func sealer(_ item: Case) throws -> ContentSealer {
        let binding = try item.binding()
        let author = try item.key(item.authorKey, item.authorGeneration)
        let conversation = try item.key(item.conversationKey, item.conversationGeneration)
        return try ContentSealer(
            keys: Known(keys: [
                .member(binding.author): CurrentKey(generation: author.generation, key: author.secret),
                .conversation(binding.conversation):
                    CurrentKey(generation: conversation.generation, key: conversation.secret),
            ]))
    }

    /// A random case, with its own keys.
    private func randomCase(_ generator: inout SeededGenerator) -> Case {
        let isTitle = Int.random(in: 0..<4, using: &generator) == 0
        let count = [0, 1, 16, 17, 250, 3_000].randomElement(using: &generator) ?? 0
        return Case(
            kind: isTitle ? "title" : "body", conversation: "\(generator.identifier())",
            message: isTitle ? nil : "\(generator.identifier())", author: "\(generator.identifier())",
            command: "\(generator.identifier())",
            replyTo: Bool.random(using: &generator) ? "\(generator.identifier())" : nil,
            authorGeneration: .random(in: 1 ... .max, using: &generator), authorKey: hexadecimal(generator.bytes(32)),
            conversationGeneration: .random(in: 1 ... .max, using: &generator),
            conversationKey: hexadecimal(generator.bytes(32)), plaintext: hexadecimal(generator.bytes(count)))
    }

    // MARK: Without Python

    @Test func theCommittedVectorsAreSealedByteForByte() throws {
        let vectors = try IndependentImplementationTests.committed()
        #expect(vectors.count >= 6)
        for vector in vectors {
            let sealer = try sealer(vector)
            let conversation = try vector.key(vector.conversationKey, vector.conversationGeneration)
            let sealed = try sealer.seal(
                bytes(vector.plaintext), binding: try vector.binding(),
                author: try vector.key(vector.authorKey, vector.authorGeneration), conversation: conversation,
                contentKey: bytes(try #require(vector.contentKey)), nonce: bytes(try #require(vector.nonce)))
            #expect(hexadecimal(sealed.bytes) == vector.sealed)
            #expect(try sealer.open(sealed, binding: try vector.binding()) == .opened(bytes(vector.plaintext)))
            let digest = try sealer.digest(
                content: bytes(vector.plaintext), replyTo: try vector.reply(), key: conversation)
            #expect(hexadecimal(digest.value.bytes) == vector.digest)
        }
    }

    // MARK: With Python

    @Test(.enabled(if: runsPython, "PARLEY_SKIP_PYTHON=1")) func theCommittedVectorsAreThoseOfTheScript() throws {
        #expect(
            try IndependentImplementationTests.python(["vectors"]) == IndependentImplementationTests.committed())
    }

    @Test(.enabled(if: runsPython, "PARLEY_SKIP_PYTHON=1")) func pythonOpensWhatIsSealedHere() throws {
        try withSeed { generator in
            var cases = (0..<40).map { _ in randomCase(&generator) }
            for index in cases.indices {
                let sealed = try sealer(cases[index]).seal(
                    bytes(cases[index].plaintext), binding: try cases[index].binding())
                cases[index].sealed = hexadecimal(sealed.bytes)
            }
            var sent = cases
            for index in sent.indices { sent[index].plaintext = "" }
            let answers = try IndependentImplementationTests.python(["open", "-"], input: sent)
            try #require(answers.count == cases.count)
            for (answer, asked) in zip(answers, cases) {
                #expect(answer.error == nil)
                #expect(answer.plaintext == asked.plaintext)
                let digest = try sealer(asked).digest(
                    content: bytes(asked.plaintext), replyTo: try asked.reply(),
                    conversation: try asked.binding().conversation)
                #expect(answer.digest == hexadecimal(digest.value.bytes))
            }
        }
    }

    @Test(.enabled(if: runsPython, "PARLEY_SKIP_PYTHON=1")) func whatPythonSealsOpensHere() throws {
        try withSeed { generator in
            let cases = (0..<40).map { _ in randomCase(&generator) }
            let answers = try IndependentImplementationTests.python(["seal", "-"], input: cases)
            try #require(answers.count == cases.count)
            for (answer, asked) in zip(answers, cases) {
                let sealed = Sealed(bytes(try #require(answer.sealed)))
                #expect(try sealer(asked).open(sealed, binding: try asked.binding()) == .opened(bytes(asked.plaintext)))
            }
        }
    }

    /// The key store too is as documented: Python finds the keys in it, and sees what is erased.
    @Test(.enabled(if: runsPython, "PARLEY_SKIP_PYTHON=1")) func pythonReadsTheKeyStore() throws {
        try withTemporaryDirectory { directory in
            try withSeed { generator in
                let master = directory + "/master.key"
                let keys = Keys(in: directory, masterKey: try MasterKey.create(file: master))
                let service = try keys.service()
                let sealer = try ContentSealer(keys: service)
                var cases = (0..<10).map { _ in randomCase(&generator) }
                for index in cases.indices {
                    let binding = try cases[index].binding()
                    if index == 5 {
                        // One conversation's second key.
                        _ = try service.currentKey(of: .conversation(binding.conversation))
                        try service.destroyKeys(of: [.conversation(binding.conversation)])
                    }
                    cases[index].sealed = hexadecimal(
                        try sealer.seal(bytes(cases[index].plaintext), binding: binding).bytes)
                    (cases[index].authorKey, cases[index].conversationKey) = (nil, nil)
                }
                try service.destroyKeys(of: [.member(try cases[0].binding().author)])
                let answers = try IndependentImplementationTests.python(
                    ["open", "-", "--store", keys.file, master], input: cases)
                #expect(answers.map(\.error) == ["erased"] + [String?](repeating: nil, count: 9))
                #expect(answers.dropFirst().map(\.plaintext) == cases.dropFirst().map(\.plaintext))
            }
        }
    }
}
