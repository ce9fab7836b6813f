/// The JSON of a configuration file: one object of texts, numbers, booleans and such objects (RFC 8259).
///
/// It is small and not fast; commands and answers have their own reader and writer.
struct FlatJSON {
    struct Malformed: Error {
        let line: Int
        let reason: String
    }

    private let bytes: [UInt8]
    private var place = 0
    private var entries: [(String, String)] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func readAll() throws -> [(String, String)] {
        try readObject(prefix: "", depth: 0)
        skipSpace()
        guard place == bytes.count else { throw malformed("there is more after the object") }
        return entries
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

    private mutating func readObject(prefix: String, depth: Int) throws {
        guard depth < 8 else { throw malformed("objects are nested deeper than 8") }
        try expect(UInt8(ascii: "{"))
        skipSpace()
        if next == UInt8(ascii: "}") {
            place += 1
            return
        }
        while true {
            let key = prefix + (try readText())
            try expect(UInt8(ascii: ":"))
            try readValue(key: key, depth: depth)
            skipSpace()
            if next == UInt8(ascii: "}") {
                place += 1
                return
            }
            try expect(UInt8(ascii: ","))
        }
    }

    private mutating func readValue(key: String, depth: Int) throws {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): try readObject(prefix: key + ".", depth: depth + 1)
        case UInt8(ascii: "\""): entries.append((key, try readText()))
        case UInt8(ascii: "["): throw malformed("\"\(key)\" is a list: give a text")
        default:
            let start = place
            let ends = Set(",} \t\r\n".utf8)
            while let byte = next, !ends.contains(byte) { place += 1 }
            let word = String(decoding: bytes[start..<place], as: UTF8.self)
            guard word == "true" || word == "false" || Double(word) != nil else {
                throw malformed("\"\(word)\" is not a value")
            }
            entries.append((key, word))
        }
    }

    private mutating func readText() throws -> String {
        try expect(UInt8(ascii: "\""))
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.append(try readEscape())
            case 0..<0x20: throw malformed("a control character stands in a text")
            default: text.append(byte)
            }
        }
        throw malformed("a text does not end")
    }

    private mutating func readEscape() throws -> UInt8 {
        let escapes: [UInt8: UInt8] = [
            UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "/"): 0x2f, UInt8(ascii: "b"): 0x08,
            UInt8(ascii: "f"): 0x0c, UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "t"): 0x09,
        ]
        guard let byte = next, let meaning = escapes[byte] else {
            throw malformed("an escape is not one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t: write the character itself")
        }
        place += 1
        return meaning
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() { while let byte = next, Self.isSpace(byte) { place += 1 } }

    private mutating func expect(_ byte: UInt8) throws {
        skipSpace()
        guard next == byte else { throw malformed("expected \"\(Character(Unicode.Scalar(byte)))\"") }
        place += 1
    }

    private func malformed(_ reason: String) -> Malformed {
        Malformed(line: bytes[..<place].count { $0 == 0x0a } + 1, reason: reason)
    }
}
