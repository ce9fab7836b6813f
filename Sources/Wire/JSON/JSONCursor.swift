/// A place in a JSON text that moves over one lexical element at a time.
struct JSONCursor {
    private let base: UnsafeRawPointer
    private let count: Int
    /// Bytes from the start; at most `count`.
    private(set) var offset = 0

    /// The text must outlive the cursor.
    init(_ text: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any one does, as nothing is read from it.
        base = text.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        count = text.count
    }

    @inline(__always)
    var peek: UInt8? { offset < count ? base.load(fromByteOffset: offset, as: UInt8.self) : nil }

    @inline(__always)
    mutating func advance() { offset += 1 }

    var startsWithByteOrderMark: Bool {
        count >= 3 && base.load(as: UInt8.self) == 0xef && base.load(fromByteOffset: 1, as: UInt8.self) == 0xbb
            && base.load(fromByteOffset: 2, as: UInt8.self) == 0xbf
    }

    @inline(__always)
    mutating func skipWhiteSpace() {
        while let byte = peek, byte <= 0x20, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { advance() }
    }

    @inline(__always)
    mutating func skipColon() throws(JSONFault) {
        if peek != UInt8(ascii: ":") { skipWhiteSpace() }
        guard let byte = peek else { throw JSONFault(.unfinished, at: offset) }
        guard byte == UInt8(ascii: ":") else { throw JSONFault(.unexpected, at: offset) }
        advance()
    }

    mutating func skip(_ word: StaticString) throws(JSONFault) {
        for index in 0..<word.utf8CodeUnitCount {
            guard let byte = peek else { throw JSONFault(.unfinished, at: offset) }
            guard byte == word.utf8Start[index] else { throw JSONFault(.unexpected, at: offset) }
            advance()
        }
    }

    /// - Returns: whether it is in integer syntax: no fraction, no exponent.
    mutating func skipNumber() throws(JSONFault) -> Bool {
        let start = offset
        if peek == UInt8(ascii: "-") { advance() }
        guard let first = peek else { throw JSONFault(.unfinished, at: offset) }
        guard Self.isDigit(first) else { throw JSONFault(offset == start ? .unexpected : .badNumber, at: offset) }
        advance()
        if first == UInt8(ascii: "0") {
            if let next = peek, Self.isDigit(next) { throw JSONFault(.badNumber, at: offset) }
        } else {
            skipDigits()
        }
        var isInteger = true
        if peek == UInt8(ascii: ".") {
            isInteger = false
            advance()
            try skipAtLeastOneDigit()
        }
        if let next = peek, next | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            advance()
            if let sign = peek, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { advance() }
            try skipAtLeastOneDigit()
        }
        return isInteger
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func skipDigits() {
        while let byte = peek, Self.isDigit(byte) { advance() }
    }

    private mutating func skipAtLeastOneDigit() throws(JSONFault) {
        guard let byte = peek else { throw JSONFault(.unfinished, at: offset) }
        guard Self.isDigit(byte) else { throw JSONFault(.badNumber, at: offset) }
        skipDigits()
    }

    /// From after the opening quote to after the closing one.
    /// - Returns: whether there is no escape.
    @inline(__always)
    mutating func skipString() throws(JSONFault) -> Bool {
        var isPlain = true
        while true {
            skipPlainCharacters()
            guard let byte = peek else { throw JSONFault(.unfinished, at: offset) }
            if byte == UInt8(ascii: "\"") {
                advance()
                return isPlain
            }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                try skipEscape()
            } else if byte < 0x20 {
                throw JSONFault(byte == 0 ? .nul : .rawControl, at: offset)
            } else {
                let length = UTF8Check.sequence(base + offset, available: count - offset)
                guard length > 0 else { throw JSONFault(.invalidUTF8, at: offset) }
                offset += length
            }
        }
    }

    /// Stops at a quote, a backslash, a control character, a byte of 0x80 or more, or the end.
    @inline(__always)
    private mutating func skipPlainCharacters() {
        let high: UInt64 = 0x8080_8080_8080_8080
        let ones: UInt64 = 0x0101_0101_0101_0101
        while offset + 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            // The lowest byte marked in each is exact (Mycroft); what stands above it is looked at again.
            let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let isQuote = (quote &- ones) & ~quote
            let isBackslash = (backslash &- ones) & ~backslash
            let isControl = (word &- (ones &* 0x20)) & ~word
            let stop = (isQuote | isBackslash | isControl | word) & high
            if stop != 0 {
                offset += stop.trailingZeroBitCount >> 3
                return
            }
            offset += 8
        }
        while let byte = peek, byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            advance()
        }
    }

    /// From the backslash to after the escape; a surrogate pair is one.
    mutating func skipEscape() throws(JSONFault) {
        let start = offset
        advance()
        guard let letter = peek else { throw JSONFault(.unfinished, at: offset) }
        advance()
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"): break
        default: throw JSONFault(.badEscape, at: start)
        }
        let unit = try hexadecimal()
        if unit == 0 { throw JSONFault(.nul, at: start) }
        guard unit & 0xf800 == 0xd800 else { return }
        guard unit < 0xdc00, offset + 6 <= count, peek == UInt8(ascii: "\\"),
            base.load(fromByteOffset: offset + 1, as: UInt8.self) == UInt8(ascii: "u")
        else { throw JSONFault(.loneSurrogate, at: start) }
        offset += 2
        guard try hexadecimal() & 0xfc00 == 0xdc00 else { throw JSONFault(.loneSurrogate, at: start) }
    }

    /// Four hexadecimal digits of either case.
    private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek else { throw JSONFault(.unfinished, at: offset) }
            guard let digit = Self.hexadecimalValue(byte) else { throw JSONFault(.badEscape, at: offset) }
            value = value << 4 | digit
            advance()
        }
        return value
    }

    @inline(__always)
    static func hexadecimalValue(_ byte: UInt8) -> UInt32? {
        if isDigit(byte) { return UInt32(byte - UInt8(ascii: "0")) }
        let letter = byte | 0x20
        return letter >= UInt8(ascii: "a") && letter <= UInt8(ascii: "f")
            ? UInt32(letter - UInt8(ascii: "a")) + 10 : nil
    }
}
