import Glibc

/// Character sets that the system's `iconv` knows, as UTF-8.
enum SystemCharset {
    /// Names that mail uses for more than they say: what is meant holds all of what is named.
    private static let meant = [
        "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
        "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "big5": "cp950", "iso-8859-8-i": "iso-8859-8",
        "unicode-1-1-utf-7": "utf-7", "x-mac-roman": "macintosh", "tis-620": "cp874",
    ]
    private static let replacement: [UInt8] = Array("\u{fffd}".utf8)

    /// Whether its text may be ASCII bytes that stand for something else.
    static func hidesInASCII(_ name: String) -> Bool {
        ["iso-2022", "utf-7", "unicode-1-1-utf-7", "hz", "utf-16", "utf-32", "ucs-"].contains { name.hasPrefix($0) }
    }

    /// - Parameter name: in lower case.
    /// - Returns: text, and whether some bytes were not of the character set, which are replaced; `nil` when it is not known.
    static func utf8(_ bytes: [UInt8], from name: String) -> (text: [UInt8], isOdd: Bool)? {
        let isName = name.utf8.allSatisfy { Ascii.isAlphanumeric($0) || "-_:.".utf8.contains($0) }
        guard isName, name.utf8.count <= 40, let converter = iconv_open("UTF-8", meant[name] ?? name),
            converter != iconv_t(bitPattern: -1)
        else { return nil }
        defer { iconv_close(converter) }
        var (text, isOdd): ([UInt8], Bool) = ([], false)
        // Beyond any character's growth: one byte becomes at most 4.
        var output = [CChar](repeating: 0, count: 4 * 4_096)
        var input = bytes.map { CChar(bitPattern: $0) }
        input.withUnsafeMutableBufferPointer { input in
            var (next, rest): (UnsafeMutablePointer<CChar>?, Int) = (input.baseAddress, input.count)
            var isEnded = false
            while !isEnded {
                // Without bytes, what a stateful set still holds back comes out.
                isEnded = rest == 0
                let failure = output.withUnsafeMutableBufferPointer { output in
                    var (place, room): (UnsafeMutablePointer<CChar>?, Int) = (output.baseAddress, output.count)
                    let result =
                        isEnded
                        ? iconv(converter, nil, nil, &place, &room) : iconv(converter, &next, &rest, &place, &room)
                    let failure = result == -1 ? errno : 0
                    text += output.prefix(output.count - room).map { UInt8(bitPattern: $0) }
                    return failure
                }
                guard failure == EILSEQ || failure == EINVAL, rest > 0 else { continue }
                isOdd = true
                text += replacement
                next = next?.advanced(by: 1)
                rest -= 1
            }
        }
        return (text, isOdd)
    }
}
