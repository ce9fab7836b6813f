/// The header of a mail (RFC 5322 section 2.2), read as it comes: any bytes, any line ends, fields in any order. A line that
/// is no field ends it: nothing is passed over but the separator of an mbox file.
struct MailHeaders {
    /// Name in lower case, and the value with its folds undone.
    private(set) var fields: [(name: [UInt8], value: [UInt8])] = []
    /// Where the body begins.
    private(set) var bodyStart: Int
    /// Whether there is no field, or the body began without an empty line before it.
    private(set) var isOdd = false

    /// Fields of one header; what is above is not read.
    private static let limit = 2_000

    init(_ bytes: ArraySlice<UInt8>) {
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let lineEnd = bytes[at...].firstIndex(of: 10) ?? bytes.endIndex
            var line = bytes[at..<lineEnd]
            if line.last == 13 { line = line.dropLast() }
            let isContinued = line.first == 32 || line.first == 9
            if line.isEmpty {
                at = min(lineEnd + 1, bytes.endIndex)
                break
            }
            if isContinued, !fields.isEmpty {
                fields[fields.count - 1].value += line
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")), Self.isName(line[..<colon]) {
                if fields.count < Self.limit {
                    fields.append((Ascii.lowered(Ascii.trimmed(line[..<colon])), Array(line[(colon + 1)...])))
                }
            } else if at > bytes.startIndex || !line.starts(with: Array("From ".utf8)) {
                isOdd = true
                break
            }
            at = min(lineEnd + 1, bytes.endIndex)
        }
        bodyStart = at
        isOdd = isOdd || fields.isEmpty
    }

    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let name = Ascii.trimmed(bytes)
        return !name.isEmpty && name.allSatisfy { $0 > 32 && $0 < 127 }
    }

    /// The first value of a field, without white space around it.
    subscript(name: StaticString) -> [UInt8]? { all(name).first }

    /// Every value of a field.
    func all(_ name: StaticString) -> [[UInt8]] {
        let wanted = name.withUTF8Buffer { Array($0) }
        return fields.filter { $0.name == wanted }.map { Ascii.trimmed($0.value[...]) }
    }
}

/// Bytes as ASCII.
enum Ascii {
    static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

    static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var slice = bytes
        while let first = slice.first, isSpace(first) { slice.removeFirst() }
        while let last = slice.last, isSpace(last) { slice.removeLast() }
        return Array(slice)
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    static func lowered(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte + 32 : byte }

    static func lowered(_ bytes: [UInt8]) -> [UInt8] { bytes.map { lowered($0) } }

    static func contains(_ bytes: [UInt8], _ word: StaticString) -> Bool {
        let wanted = word.withUTF8Buffer { Array($0) }
        guard bytes.count >= wanted.count else { return false }
        return (0...bytes.count - wanted.count).contains { bytes[$0..<$0 + wanted.count].elementsEqual(wanted) }
    }
}
