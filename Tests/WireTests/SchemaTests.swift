import Foundation
import Messaging
import Testing
import Wire

/// What stands committed is what the schema says, and other protobuf implementations read it.
@Suite struct SchemaTests {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let generated = repository.appending(path: "Sources/Wire/Generated")

    struct Finished {
        let status: Int32
        /// Standard output and standard error.
        let bytes: Data
        var output: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// The program's full path on PATH, or `nil`.
    static func find(_ program: String) -> URL? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").map { URL(filePath: String($0)).appending(path: program) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    func run(_ program: URL, _ arguments: [String], input: Data = Data()) throws -> Finished {
        let process = Process()
        let output = Pipe()
        let standardInput = Pipe()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        process.standardInput = standardInput
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: input)
        try standardInput.fileHandleForWriting.close()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return Finished(status: process.terminationStatus, bytes: bytes)
    }

    func withTemporaryDirectory(_ body: (URL) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "parley-schema-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try body(directory)
    }

    func files(in directory: URL) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: directory.appending(path: $0))) })
    }

    /// `nil`, with a printed line, when the caller asked to do without Python; without it unasked, the test fails.
    func python() throws -> URL? {
        if let found = Self.find("python3") { return found }
        if ProcessInfo.processInfo.environment["PARLEY_SKIP_PYTHON"] == "1" {
            print("skipped: no python3, and PARLEY_SKIP_PYTHON=1")
            return nil
        }
        Issue.record("python3 is needed to check Sources/Wire/Generated; install it or set PARLEY_SKIP_PYTHON=1")
        return nil
    }

    @Test func generatedCodeIsWhatTheSchemaGives() throws {
        guard let python = try python() else { return }
        try withTemporaryDirectory { directory in
            let script = Self.repository.appending(path: "Schemas/generate.py").path
            let finished = try run(python, [script, "--output", directory.path])
            #expect(finished.status == 0, "\(finished.output)")
            let fresh = try files(in: directory)
            let committed = try files(in: Self.generated)
            #expect(fresh.count > 10)
            #expect(
                fresh.keys.sorted() == committed.keys.sorted(),
                "run python3 Schemas/generate.py and commit what it writes")
            for (name, text) in fresh where committed[name] != text {
                Issue.record(
                    "\(name) is not what Schemas/record.proto gives: run python3 Schemas/generate.py and commit")
            }
        }
    }

    @Test func generatedCodeOfLegacyWritesIsWhatTheirSchemaGives() throws {
        guard let python = try python() else { return }
        try withTemporaryDirectory { directory in
            let script = Self.repository.appending(path: "Schemas/generate.py").path
            let schema = Self.repository.appending(path: "Schemas/legacy.proto").path
            let finished = try run(python, [script, "--schema", schema, "--output", directory.path])
            #expect(finished.status == 0, "\(finished.output)")
            let committed = try files(in: Self.repository.appending(path: "Sources/LegacyMailbox/Generated"))
            #expect(committed.count > 5)
            #expect(
                try files(in: directory) == committed, "run python3 Schemas/generate.py and commit what it writes")
        }
    }

    @Test func aChangedSchemaGivesOtherCodeAndAnUnreadableOneAnError() throws {
        guard let python = try python() else { return }
        let script = Self.repository.appending(path: "Schemas/generate.py").path
        let text = try String(contentsOf: Self.repository.appending(path: "Schemas/record.proto"), encoding: .utf8)
        try withTemporaryDirectory { directory in
            let schema = directory.appending(path: "record.proto")
            let output = directory.appending(path: "out")
            try text.replacing("bool on = 3;", with: "bool on = 4;").write(
                to: schema, atomically: true, encoding: .utf8)
            #expect(try run(python, [script, "--schema", schema.path, "--output", output.path]).status == 0)
            #expect(try files(in: output) != files(in: Self.generated))
            for (part, wrong) in [
                ("bool on = 3;", "double on = 3;"), ("bool on = 3;", "bool on = 1;"), ("oneof up_to {", "oneof {"),
            ] {
                try text.replacing(part, with: wrong).write(to: schema, atomically: true, encoding: .utf8)
                let finished = try run(python, [script, "--schema", schema.path, "--output", output.path])
                #expect(finished.status == 1, "\(wrong)")
                #expect(finished.output.contains("record.proto: "), "\(finished.output)")
            }
        }
    }

    @Test func protocReadsWhatIsWrittenAndWritesTheSameBytes() throws {
        guard let protoc = Self.find("protoc") else {
            print("skipped: no protoc to compare with")
            return
        }
        let schemas = Self.repository.appending(path: "Schemas").path
        var samples = SampleRecords(seed: 3)
        for _ in 0..<40 {
            let record = samples.record()
            var bytes: [UInt8] = []
            try RecordCodec.encode(record, into: &bytes)
            let arguments = ["--proto_path=\(schemas)", "record.proto"]
            let text = try run(protoc, ["--decode=parley.v1.Record"] + arguments, input: Data(bytes))
            #expect(text.status == 0 && text.output.hasPrefix("format_version: 1\n"), "\(text.output)")
            #expect(!text.output.contains("\n9: "), "a field that the schema does not know")
            let again = try run(protoc, ["--encode=parley.v1.Record"] + arguments, input: text.bytes)
            #expect(again.status == 0 && again.bytes == Data(bytes), "protoc writes this record in another way")
        }
    }
}
