import ContentProtection
import Glibc
import Testing

@Suite struct MasterKeyTests {
    private let digits = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

    private func key(_ bytes: [UInt8]) throws -> MasterKey {
        try bytes.withUnsafeBytes { try MasterKey($0, source: "the test") }
    }

    private func key(hexadecimal text: String, source: String = "the test") throws -> MasterKey {
        try Array(text.utf8).withUnsafeBytes { try MasterKey(hexadecimal: $0, source: source) }
    }

    /// Whether two keys are the same shows only in whether a key store made under one opens with the other.
    private func areEqual(_ one: MasterKey, _ other: MasterKey) throws -> Bool {
        try withTemporaryDirectory { directory in
            _ = try SQLiteKeyService(file: directory + "/keys.sqlite", masterKey: one, ifMissing: .create)
            let found = code {
                _ = try SQLiteKeyService(file: directory + "/keys.sqlite", masterKey: other, ifMissing: .fail)
            }
            #expect(found == nil || found == .wrongMasterKey)
            return found == nil
        }
    }

    @Test func everyFormIsTheSameKey() throws {
        let raw = try key(bytes(digits))
        for form in [digits, digits + "\n", digits.lowercased()] {
            #expect(try areEqual(raw, key(Array(form.utf8))))
            #expect(try areEqual(raw, key(hexadecimal: form)))
        }
        #expect(try !areEqual(raw, MasterKey.random()))
    }

    @Test(arguments: [0, 1, 16, 31, 32, 33, 63, 66, 128])
    func otherLengthsAreRefused(count: Int) {
        let given = [UInt8](repeating: UInt8(ascii: "a"), count: count)
        #expect(code { _ = try key(given) } == .masterKeyMalformed)
        #expect(code { _ = try key(hexadecimal: String(decoding: given, as: UTF8.self)) } == .masterKeyMalformed)
    }

    @Test func theEnvironmentHoldsDigitsOnly() {
        let text = "a password of thirty-two letters"
        #expect(text.utf8.count == 32)
        #expect(code { _ = try key(hexadecimal: text) } == .masterKeyMalformed)
    }

    @Test func whatIsNotHexadecimalIsRefusedWithoutBeingShown() throws {
        for wrong in ["g" + digits.dropFirst(), digits.dropLast() + " ", digits.dropLast() + "\u{0}", digits + " "] {
            let error = #expect(throws: ContentProtectionError.self) {
                _ = try key(hexadecimal: wrong, source: "PARLEY_MASTER_KEY")
            }
            #expect(error?.code == .masterKeyMalformed)
            #expect(error?.description.contains("PARLEY_MASTER_KEY") == true)
            #expect(error?.description.contains("2233") == false)
        }
    }

    @Test func keysShowNothingOfThemselves() throws {
        let key = try key(hexadecimal: digits)
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "MasterKey(32 bytes)")
        #expect(!dumped.contains("17") && !dumped.contains("0x"))
        #expect("\(try SecretKey.random())" == "SecretKey(32 bytes)")
    }

    @Test func aCreatedFileIsPrivateAndHoldsTheKey() throws {
        try withTemporaryDirectory { directory in
            let old = umask(0)
            defer { umask(old) }
            let file = directory + "/master.key"
            let made = try MasterKey.create(file: file)
            #expect(try mode(of: file) == 0o600)
            #expect(try names(in: directory) == ["master.key"])
            #expect(try areEqual(made, MasterKey(file: file)))
        }
    }

    @Test func creatingNeverTakesThePlaceOfAFile() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/master.key"
            try writeFile(file, [1, 2, 3])
            #expect(code { _ = try MasterKey.create(file: file) } == .masterKeyFileExists)
            #expect(try readFile(file) == [1, 2, 3])
            #expect(try names(in: directory) == ["master.key"])
        }
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620, 0o601, 0o777] as [mode_t])
    func aFileOthersMayUseIsRefused(mode: mode_t) throws {
        try withTemporaryDirectory { directory in
            try writeFile(directory + "/master.key", Array(digits.utf8), mode: mode)
            #expect(code { _ = try MasterKey(file: directory + "/master.key") } == .masterKeyFileExposed)
        }
    }

    @Test func eachWayOfFailingHasItsError() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/master.key"
            #expect(code { _ = try MasterKey(file: file) } == .masterKeyFileMissing)
            #expect(code { _ = try MasterKey(file: directory) } == .masterKeyFileUnusable)
            #expect(code { _ = try MasterKey.create(file: directory + "/none/master.key") } == .masterKeyFileUnusable)
            let raw = bytes(digits)
            let text = Array(digits.utf8)
            for contents in [[], Array(text.dropLast()), Array(raw.dropLast()), text + [10, 10]] as [[UInt8]] {
                try writeFile(file, contents)
                #expect(code { _ = try MasterKey(file: file) } == .masterKeyMalformed, "\(contents.count) bytes")
            }
            try writeFile(file, Array(digits.utf8), mode: 0o400)
            _ = try MasterKey(file: file)
        }
    }
}
