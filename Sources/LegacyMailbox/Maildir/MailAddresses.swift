/// The addresses of a header field (RFC 5322 section 3.4): names, comments, quotes and groups are passed over.
enum MailAddresses {
    /// Bytes of an address that is still taken for one (RFC 5321 section 4.5.3.1).
    private static let limit = 320

    /// - Returns: addresses in lower case, each once, in order; and how many entries were none.
    static func read(_ value: [UInt8]) -> (addresses: [[UInt8]], odd: Int) {
        var scanner = Scanner()
        for byte in value { scanner.take(byte) }
        scanner.endEntry()
        return (scanner.addresses, scanner.odd)
    }

    private struct Scanner {
        var addresses: [[UInt8]] = []
        var odd = 0
        private var seen = Set<[UInt8]>()
        private var outside: [UInt8] = []
        private var angle: [UInt8]?
        private var isInAngle = false
        private var isQuoted = false
        private var isEscaped = false
        private var commentDepth = 0

        mutating func take(_ byte: UInt8) {
            if isEscaped {
                isEscaped = false
                if commentDepth == 0 { append(byte) }
                return
            }
            if byte == UInt8(ascii: "\\"), isQuoted || commentDepth > 0 {
                isEscaped = true
            } else if commentDepth > 0 {
                if byte == UInt8(ascii: "(") { commentDepth += 1 }
                if byte == UInt8(ascii: ")") { commentDepth -= 1 }
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if isQuoted {
                append(byte)
            } else {
                takeMark(byte)
            }
        }

        private mutating func takeMark(_ byte: UInt8) {
            switch byte {
            case UInt8(ascii: "("): commentDepth = 1
            case UInt8(ascii: "<"):
                isInAngle = true
                angle = []
            case UInt8(ascii: ">"): isInAngle = false
            case UInt8(ascii: ",") where !isInAngle, UInt8(ascii: ";") where !isInAngle: endEntry()
            case UInt8(ascii: ":") where !isInAngle: outside = []
            default: append(byte)
            }
        }

        private mutating func append(_ byte: UInt8) {
            if isInAngle { angle?.append(byte) } else { outside.append(byte) }
        }

        mutating func endEntry() {
            defer { (outside, angle, isInAngle, isQuoted, commentDepth) = ([], nil, false, false, 0) }
            let text = Ascii.lowered(Ascii.trimmed((angle ?? outside)[...]))
            if text.isEmpty && angle == nil && Ascii.trimmed(outside[...]).isEmpty { return }
            let isAddress =
                text.count <= limit && text.contains(UInt8(ascii: "@")) && text.first != UInt8(ascii: "@")
                && text.last != UInt8(ascii: "@") && text.allSatisfy { $0 > 32 && $0 < 127 }
            guard isAddress else {
                odd += 1
                return
            }
            if seen.insert(text).inserted { addresses.append(text) }
        }
    }
}
