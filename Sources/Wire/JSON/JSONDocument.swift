/// A scanned JSON text: reads values where the tokens say they are.
///
/// The text must outlive it. Names and values come from `JSONScanner`, so offsets and escapes are known to be sound.
struct JSONDocument {
    let text: UnsafeRawBufferPointer
    let tokens: [JSONToken]

    /// The bytes of a value as they stand; of a string, without its quotes.
    @inline(__always)
    func raw(_ token: JSONToken) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text[Int(token.start)..<Int(token.end)])
    }

    /// A string's text, UTF-8.
    func string(_ token: JSONToken) -> [UInt8] {
        let bytes = raw(token)
        return token.isPlain ? Array(bytes) : Self.unescape(bytes)
    }

    /// Gives a string's text, copied only when there are escapes in it.
    @inline(__always)
    func withString<Result>(_ token: JSONToken, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if token.isPlain { return body(raw(token)) }
        return Self.unescape(raw(token)).withUnsafeBytes(body)
    }

    /// A name to show: only short printable ASCII is repeated to whoever reads the reason.
    func shown(_ name: JSONToken) -> String {
        withString(name) { bytes in
            guard bytes.count <= 40, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                return "a field whose name has \(bytes.count) bytes"
            }
            return "the field " + String(decoding: bytes, as: UTF8.self)
        }
    }

    /// A number in integer syntax that fits 64 bits, else `nil`.
    func integer(_ token: JSONToken) -> Int64? {
        guard token.kind == .number, token.isPlain else { return nil }
        var digits = raw(token)[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        var value: Int64 = 0
        for digit in digits {
            // Downwards, as the least number has no positive counterpart.
            let (shifted, over) = value.multipliedReportingOverflow(by: 10)
            let (next, under) = shifted.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            if over || under { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// - Parameter bytes: between the quotes of a string that the scanner passed.
    private static func unescape(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                continue
            }
            let letter = bytes[at]
            at += 1
            switch letter {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0c)
            case UInt8(ascii: "n"): output.append(0x0a)
            case UInt8(ascii: "r"): output.append(0x0d)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"): append(scalar(bytes, &at), to: &output)
            default: output.append(letter)
            }
        }
        return output
    }

    /// One scalar from after `\u`; a surrogate pair is one.
    private static func scalar(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> UInt32 {
        let unit = unit(bytes, &at)
        guard unit & 0xfc00 == 0xd800 else { return unit }
        at += 2
        return 0x10000 + ((unit & 0x3ff) << 10 | self.unit(bytes, &at) & 0x3ff)
    }

    private static func unit(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) -> UInt32 {
        var value: UInt32 = 0
        for digit in bytes[at..<at + 4] { value = value << 4 | (JSONCursor.hexadecimalValue(digit) ?? 0) }
        at += 4
        return value
    }

    private static func append(_ scalar: UInt32, to output: inout [UInt8]) {
        func continuation(_ shift: UInt32) -> UInt8 { UInt8(scalar >> shift & 0x3f | 0x80) }
        switch scalar {
        case 0..<0x80: output.append(UInt8(scalar))
        case 0x80..<0x800: output += [UInt8(scalar >> 6 | 0xc0), continuation(0)]
        case 0x800..<0x10000: output += [UInt8(scalar >> 12 | 0xe0), continuation(6), continuation(0)]
        default: output += [UInt8(scalar >> 18 | 0xf0), continuation(12), continuation(6), continuation(0)]
        }
    }
}
