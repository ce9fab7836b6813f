/// What is wrong with bytes that should be JSON text, and where.
struct JSONFault: Error {
    enum Kind {
        // Not text.
        case invalidUTF8
        case nul
        case loneSurrogate
        // Not JSON.
        case unexpected
        case unfinished
        case badEscape
        case rawControl
        case badNumber
        case byteOrderMark
        case trailing

        var isText: Bool {
            switch self {
            case .invalidUTF8, .nul, .loneSurrogate: true
            default: false
            }
        }
    }

    let kind: Kind
    /// Bytes from the start.
    let offset: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    var reason: String {
        let what: StaticString =
            switch kind {
            case .invalidUTF8: "invalid UTF-8"
            case .nul: "a NUL character"
            case .loneSurrogate: "half of a surrogate pair"
            case .unexpected: "a character that cannot stand here"
            case .unfinished: "the text ends too early"
            case .badEscape: "an escape that JSON does not have"
            case .rawControl: "a control character that is not escaped"
            case .badNumber: "a number that is not in JSON form"
            case .byteOrderMark: "a byte order mark"
            case .trailing: "something follows the value"
            }
        return "\(what), at byte \(offset + 1)"
    }
}
