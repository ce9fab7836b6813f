/// Bytes of mail to UTF-8: transfer encodings (RFC 2045 section 6), character sets and encoded words (RFC 2047).
enum MailText {
    // MARK: Character sets

    private static let windows1252: [UInt32] = [
        0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd,
        0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
        0x0153, 0xfffd, 0x017e, 0x0178,
    ]

    /// - Returns: text without NUL, and whether the bytes were not what the character set says.
    static func utf8(_ bytes: [UInt8], charset: [UInt8]?) -> (text: [UInt8], isOdd: Bool) {
        let isPlain = bytes.allSatisfy { $0 < 128 && $0 != 0 }
        let name = charset.map { String(decoding: Ascii.lowered($0), as: UTF8.self) }
        if isPlain, !(name.map(SystemCharset.hidesInASCII) ?? false) { return (bytes, false) }
        let hasNul = bytes.contains(0)
        let clean = hasNul ? bytes.filter { $0 != 0 } : bytes
        switch name {
        case nil, "utf-8", "utf8", "us-ascii", "ascii", "unknown-8bit", "x-unknown":
            if String(validating: clean, as: UTF8.self) != nil {
                return (clean, hasNul || (name != "utf-8" && name != "utf8"))
            }
            return (latin(clean), true)
        case "iso-8859-1", "latin1", "windows-1252", "cp1252": return (latin(clean), hasNul)
        case "iso-8859-15", "latin9": return (latin(clean, euroAt: 0xa4), hasNul)
        case let name?:
            if let (text, isOdd) = SystemCharset.utf8(bytes, from: name) {
                let hasNul = text.contains(0)
                return (hasNul ? text.filter { $0 != 0 } : text, isOdd || hasNul)
            }
            // A character set that is not known here: what is not UTF-8 of it is shown as Western European.
            return (String(validating: clean, as: UTF8.self) != nil ? clean : latin(clean), true)
        }
    }

    private static func latin(_ bytes: [UInt8], euroAt euro: UInt8? = nil) -> [UInt8] {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            let code =
                byte == euro ? 0x20ac : (0x80...0x9f).contains(byte) ? windows1252[Int(byte) - 0x80] : UInt32(byte)
            text.append(Unicode.Scalar(code) ?? "\u{fffd}")
        }
        return Array(String(text).utf8)
    }

    // MARK: Transfer encodings

    private static func base64Value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 65...90: UInt32(byte) - 65
        case 97...122: UInt32(byte) - 71
        case 48...57: UInt32(byte) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// What is no base64 is passed over, as RFC 2045 says.
    static func base64(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var (output, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        output.reserveCapacity(bytes.count / 4 * 3)
        for byte in bytes {
            guard let value = base64Value(byte) else { continue }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return output
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    /// - Parameter isWord: an encoded word's form, in which `_` is a space.
    static func quotedPrintable(_ bytes: ArraySlice<UInt8>, isWord: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let byte = bytes[at]
            at += 1
            if byte == UInt8(ascii: "_"), isWord {
                output.append(32)
            } else if byte == UInt8(ascii: "=") {
                if at + 1 < bytes.endIndex, let high = hexValue(bytes[at]), let low = hexValue(bytes[at + 1]) {
                    output.append(high << 4 | low)
                    at += 2
                } else if let next = softBreakEnd(bytes, at) {
                    at = next
                } else {
                    output.append(byte)
                }
            } else {
                output.append(byte)
            }
        }
        return output
    }

    /// Behind the line end that a `=` hides, white space before it included.
    private static func softBreakEnd(_ bytes: ArraySlice<UInt8>, _ start: Int) -> Int? {
        var at = start
        while at < bytes.endIndex, bytes[at] == 32 || bytes[at] == 9 || bytes[at] == 13 { at += 1 }
        if at == bytes.endIndex { return at }
        return bytes[at] == 10 ? at + 1 : nil
    }

    static func decoded(_ bytes: ArraySlice<UInt8>, encoding: [UInt8]) -> [UInt8] {
        switch String(decoding: encoding, as: UTF8.self) {
        case "base64": base64(bytes)
        case "quoted-printable": quotedPrintable(bytes, isWord: false)
        default: Array(bytes)
        }
    }

    // MARK: Encoded words

    /// A header's text with its encoded words decoded; white space between two of them goes (RFC 2047 section 6.2).
    static func unstructured(_ value: [UInt8]) -> (text: [UInt8], isOdd: Bool) {
        var (output, isOdd): ([UInt8], Bool) = ([], false)
        var (at, wordEnd): (Int, Int?) = (0, nil)
        var plain: [UInt8] = []
        func flush() {
            guard !plain.isEmpty else { return }
            let (text, odd) = utf8(plain, charset: nil)
            output += text
            isOdd = isOdd || odd
            plain = []
        }
        while at < value.count {
            if value[at] == UInt8(ascii: "="), let word = encodedWord(value, at) {
                if wordEnd != nil, plain.allSatisfy({ Ascii.isSpace($0) }) { plain = [] }
                flush()
                output += word.text
                isOdd = isOdd || word.isOdd
                at = word.end
                wordEnd = at
            } else {
                if !Ascii.isSpace(value[at]) { wordEnd = nil }
                plain.append(value[at])
                at += 1
            }
        }
        flush()
        return (output, isOdd)
    }

    /// `=?charset?B or Q?text?=`
    private static func encodedWord(_ value: [UInt8], _ start: Int) -> (text: [UInt8], isOdd: Bool, end: Int)? {
        let mark = UInt8(ascii: "?")
        guard start + 1 < value.count, value[start + 1] == mark else { return nil }
        guard let first = value[(start + 2)...].firstIndex(of: mark), first + 2 < value.count, value[first + 2] == mark,
            let last = value[(first + 3)...].firstIndex(of: mark), last + 1 < value.count,
            value[last + 1] == UInt8(ascii: "=")
        else { return nil }
        let charset = Array(value[(start + 2)..<first].prefix { $0 != UInt8(ascii: "*") })
        let inner = value[(first + 3)..<last]
        let bytes: [UInt8]
        switch Ascii.lowered(value[first + 1]) {
        case UInt8(ascii: "b"): bytes = base64(inner)
        case UInt8(ascii: "q"): bytes = quotedPrintable(inner, isWord: true)
        default: return nil
        }
        let (text, isOdd) = utf8(bytes, charset: charset)
        return (text, isOdd, last + 2)
    }
}
