import ContentProtection
import Glibc
import Messaging

/// Makes a directory, runs `body` with its path, and removes the directory with the files in it.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/parley-keys-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure(call: "mkdtemp", code: errno) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for name in (try? names(in: path)) ?? [] { unlink("\(path)/\(name)") }
        rmdir(path)
    }
    return try body(path)
}

struct SystemFailure: Error {
    var call: String
    var code: Int32
}

/// The names of the files in a directory.
func names(in directory: String) throws -> [String] {
    guard let stream = opendir(directory) else { throw SystemFailure(call: "opendir", code: errno) }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { found.append(name) }
    }
    return found.sorted()
}

func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw SystemFailure(call: "open \(path)", code: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
        let got = read(descriptor, &piece, piece.count)
        guard got >= 0 else { throw SystemFailure(call: "read \(path)", code: errno) }
        if got == 0 { return bytes }
        bytes += piece[..<got]
    }
}

func writeFile(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o600) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
    guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count, fchmod(descriptor, mode) == 0,
        close(descriptor) == 0
    else { throw SystemFailure(call: "write \(path)", code: errno) }
}

func mode(of path: String) throws -> mode_t {
    var status = stat()
    guard stat(path, &status) == 0 else { throw SystemFailure(call: "stat \(path)", code: errno) }
    return status.st_mode & 0o7777
}

/// Whether the needle stands anywhere in the bytes.
func contains(_ bytes: [UInt8], _ needle: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { memmem($0.baseAddress!, $0.count, needle, needle.count) != nil }
}

/// The code of the error that the body throws; `nil` when it throws none, or another.
func code(_ body: () throws -> Void) -> ContentProtectionError.Code? {
    do { try body() } catch let error as ContentProtectionError { return error.code } catch { return nil }
    return nil
}

func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// Bytes of hexadecimal text; spaces between are allowed.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.utf8.filter { $0 != UInt8(ascii: " ") }.map {
        UInt8(String(UnicodeScalar($0)), radix: 16)!
    }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    mutating func identifier() -> Identifier { Identifier(high: next(), low: next()) }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

/// Runs a test body with a seed of its own, and says the seed when it fails.
func withSeed(_ body: (inout SeededGenerator) throws -> Void, line: Int = #line) rethrows {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed) at line \(line)")
    var generator = SeededGenerator(seed: seed)
    try body(&generator)
}

extension SealBinding {
    static func random(_ generator: inout SeededGenerator) -> SealBinding {
        .body(
            conversation: ConversationID(generator.identifier()), message: MessageID(generator.identifier()),
            author: MemberID(generator.identifier()), command: CommandID(generator.identifier()))
    }
}

/// A key store in a directory, with the master key it is under.
struct Keys {
    let directory: String
    let masterKey: MasterKey
    var file: String { directory + "/keys.sqlite" }

    init(in directory: String, masterKey: MasterKey) {
        self.directory = directory
        self.masterKey = masterKey
    }

    /// Another service on the same file, as another process would have.
    func service(ifMissing: SQLiteKeyService.IfMissing = .create) throws -> SQLiteKeyService {
        try SQLiteKeyService(file: file, masterKey: masterKey, ifMissing: ifMissing)
    }
}

/// Runs the body with a key store of its own.
func withKeys<Result>(_ body: (Keys) throws -> Result) throws -> Result {
    try withTemporaryDirectory { try body(Keys(in: $0, masterKey: try MasterKey.random())) }
}
