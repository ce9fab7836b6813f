public import Messaging

/// Writes JSON text into bytes: no spaces, minimal escaping, names in the order in which they are given.
///
/// Commas are its own business. What is written is valid JSON when names and values alternate in objects, every `begin`
/// has its `end` and text is UTF-8, which is the caller's: writers of fixed shapes, not of what came from outside.
public struct JSONWriter: Sendable {
    /// What was written, to be taken or sent and emptied with `removeAll`.
    public private(set) var bytes: [UInt8]
    /// Whether a comma stands before the next name or element.
    private var needsComma = false

    /// - Parameter bytes: what to append to.
    public init(appendingTo bytes: consuming [UInt8] = []) { self.bytes = bytes }

    /// Forgets what was written; the memory stays.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// A name; its value follows.
    /// - Parameter name: ASCII that needs no escape.
    public mutating func key(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A name that is not known beforehand; its value follows.
    public mutating func key(_ name: [UInt8]) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    public mutating func string(_ text: [UInt8]) { text.withUnsafeBytes { string($0) } }

    public mutating func string(_ text: UnsafeRawBufferPointer) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        appendEscaped(text)
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func string(_ text: String) { string(Array(text.utf8)) }

    /// - Parameter word: ASCII that needs no escape.
    public mutating func word(_ word: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func id<Kind>(_ id: ID<Kind>) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        id.value.appendText(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    public mutating func int(_ value: Int64) {
        separate()
        appendDigits(value)
    }

    public mutating func int(_ value: Int) { int(Int64(value)) }

    /// The shortest decimal that reads back as the same number.
    /// - Precondition: finite; JSON has no other numbers.
    public mutating func number(_ value: Double) {
        precondition(value.isFinite, "JSON has no number for \(value)")
        separate()
        bytes.append(contentsOf: value.description.utf8)
    }

    public mutating func bool(_ value: Bool) { append(value ? "true" : "false") }
    public mutating func null() { append("null") }

    /// A value that is JSON text already.
    public mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
    }

    /// Ends a line of JSON Lines; the next value starts anew.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    private mutating func begin(_ bracket: UInt8) {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    @inline(__always)
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func append(_ word: StaticString) {
        separate()
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private mutating func appendDigits(_ value: Int64) {
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var start = digits.count
            var rest = value.magnitude
            repeat {
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            bytes.append(contentsOf: digits[start...])
        }
    }
}

extension JSONWriter {
    /// Quote, backslash and controls escaped, the rest as it is: `\b \f \n \r \t`, other controls `\u00xx`.
    private mutating func appendEscaped(_ text: UnsafeRawBufferPointer) {
        var plainStart = 0
        for (index, byte) in text.enumerated() {
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: text[plainStart..<index])
            plainStart = index + 1
            appendEscape(byte)
        }
        bytes.append(contentsOf: text[plainStart...])
    }

    private mutating func appendEscape(_ byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x0c: bytes.append(UInt8(ascii: "f"))
        case 0x0a: bytes.append(UInt8(ascii: "n"))
        case 0x0d: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: [UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0")])
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            let digit = byte & 15
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
