/// One value, or one name, of a JSON text, as a place in it.
struct JSONToken {
    enum Kind: UInt8 {
        case object
        case array
        /// A string; also a name, which always comes before its value.
        case string
        case number
        case boolTrue
        case boolFalse
        case null
    }

    var kind: Kind
    /// Strings: without escapes. Numbers: in integer syntax.
    var isPlain: Bool
    /// The first byte; of a string, the one after the quote.
    var start: UInt32
    /// The byte after the last; of a string, the closing quote.
    var end: UInt32
    /// The index of the token after this value and all in it.
    var next: UInt32
}

/// Validates a JSON text (RFC 8259) and lists its values, without recursion and without building any.
///
/// One pass, each byte looked at once; memory for at most one token for every two bytes of input. Text must be valid
/// UTF-8 without NUL. Values deeper than `depthLimit` are validated and not listed. Reuse a scanner: its memory stays.
struct JSONScanner {
    /// In document order: a container, then what is in it, names and values alternating in objects.
    private(set) var tokens: [JSONToken] = []
    /// How deep the nesting goes; a lone scalar is 0, an object without containers 1.
    private(set) var depth = 0
    /// For each open container whether it is an object: one byte a level, however deep.
    private var open: [Bool] = []
    /// The tokens of those open containers that are listed.
    private var openTokens: [Int] = []

    private enum Expectation {
        case value
        /// Right after `[`.
        case valueOrEnd
        case name
        /// Right after `{`.
        case nameOrEnd
        /// After a value in a container.
        case commaOrEnd
        /// After the outermost value.
        case nothing
    }

    /// - Parameters:
    ///   - text: less than 4 GiB.
    ///   - depthLimit: how deep values are listed; the caller compares `depth` with it.
    /// - Throws: the first fault in the order of the bytes.
    mutating func scan(_ text: UnsafeRawBufferPointer, depthLimit: Int) throws(JSONFault) {
        tokens.removeAll(keepingCapacity: tokens.capacity <= 1 << 16)
        open.removeAll(keepingCapacity: open.capacity <= 1 << 16)
        openTokens.removeAll(keepingCapacity: true)
        depth = 0
        guard text.count < Int(UInt32.max) else { throw JSONFault(.trailing, at: Int(UInt32.max)) }
        var cursor = JSONCursor(text)
        if cursor.startsWithByteOrderMark { throw JSONFault(.byteOrderMark, at: 0) }
        var expected = Expectation.value
        while true {
            cursor.skipWhiteSpace()
            guard let byte = cursor.peek else {
                if expected == .nothing { return }
                throw JSONFault(.unfinished, at: cursor.offset)
            }
            switch expected {
            case .nothing:
                throw JSONFault(.trailing, at: cursor.offset)
            case .commaOrEnd:
                expected = try separator(byte, &cursor)
            case .nameOrEnd where byte == UInt8(ascii: "}"), .valueOrEnd where byte == UInt8(ascii: "]"):
                expected = close(&cursor)
            case .name, .nameOrEnd:
                guard byte == UInt8(ascii: "\"") else { throw JSONFault(.unexpected, at: cursor.offset) }
                try string(&cursor, depthLimit: depthLimit)
                try cursor.skipColon()
                expected = .value
            case .value, .valueOrEnd:
                expected = try value(byte, &cursor, depthLimit: depthLimit)
            }
        }
    }

    private mutating func separator(_ byte: UInt8, _ cursor: inout JSONCursor) throws(JSONFault) -> Expectation {
        guard let isObject = open.last else { throw JSONFault(.trailing, at: cursor.offset) }
        if byte == UInt8(ascii: ",") {
            cursor.advance()
            return isObject ? .name : .value
        }
        guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
            throw JSONFault(.unexpected, at: cursor.offset)
        }
        return close(&cursor)
    }

    private mutating func close(_ cursor: inout JSONCursor) -> Expectation {
        cursor.advance()
        if open.count <= openTokens.count, let token = openTokens.popLast() {
            tokens[token].end = UInt32(truncatingIfNeeded: cursor.offset)
            tokens[token].next = UInt32(truncatingIfNeeded: tokens.count)
        }
        open.removeLast()
        return open.isEmpty ? .nothing : .commaOrEnd
    }

    private mutating func value(
        _ byte: UInt8, _ cursor: inout JSONCursor, depthLimit: Int
    ) throws(JSONFault) -> Expectation {
        switch byte {
        case UInt8(ascii: "\""): try string(&cursor, depthLimit: depthLimit)
        case UInt8(ascii: "{"):
            begin(.object, &cursor, depthLimit: depthLimit)
            return .nameOrEnd
        case UInt8(ascii: "["):
            begin(.array, &cursor, depthLimit: depthLimit)
            return .valueOrEnd
        case UInt8(ascii: "t"): try literal(.boolTrue, "true", &cursor, depthLimit: depthLimit)
        case UInt8(ascii: "f"): try literal(.boolFalse, "false", &cursor, depthLimit: depthLimit)
        case UInt8(ascii: "n"): try literal(.null, "null", &cursor, depthLimit: depthLimit)
        default:
            let start = cursor.offset
            let isInteger = try cursor.skipNumber()
            list(.number, isPlain: isInteger, from: start, to: cursor.offset, depthLimit: depthLimit)
        }
        return open.isEmpty ? .nothing : .commaOrEnd
    }

    private mutating func begin(_ kind: JSONToken.Kind, _ cursor: inout JSONCursor, depthLimit: Int) {
        if open.count < depthLimit { openTokens.append(tokens.count) }
        open.append(kind == .object)
        depth = max(depth, open.count)
        list(kind, isPlain: true, from: cursor.offset, to: cursor.offset, depthLimit: depthLimit)
        cursor.advance()
    }

    private mutating func string(_ cursor: inout JSONCursor, depthLimit: Int) throws(JSONFault) {
        cursor.advance()
        let start = cursor.offset
        let isPlain = try cursor.skipString()
        list(.string, isPlain: isPlain, from: start, to: cursor.offset - 1, depthLimit: depthLimit)
    }

    private mutating func literal(
        _ kind: JSONToken.Kind, _ word: StaticString, _ cursor: inout JSONCursor, depthLimit: Int
    ) throws(JSONFault) {
        let start = cursor.offset
        try cursor.skip(word)
        list(kind, isPlain: true, from: start, to: cursor.offset, depthLimit: depthLimit)
    }

    @inline(__always)
    private mutating func list(_ kind: JSONToken.Kind, isPlain: Bool, from start: Int, to end: Int, depthLimit: Int) {
        guard open.count <= depthLimit else { return }
        tokens.append(
            JSONToken(
                kind: kind, isPlain: isPlain, start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end), next: UInt32(truncatingIfNeeded: tokens.count + 1)))
    }
}
