import Messaging

/// Reads values of a scanned line by type and notes what is wrong with them.
///
/// Each function gives a value to go on with even when there is none: whoever reads throws it all away when
/// `violations` holds anything, and so every fault of a line is seen.
struct FieldReader {
    let document: JSONDocument
    var violations = Violations()

    /// Stands for an id that could not be read.
    private static let noIdentifier = Identifier(high: 0, low: 0)

    @inline(__always)
    mutating func id<Kind>(_ index: Int, _ place: @autoclosure () -> String) -> ID<Kind> {
        let token = document.tokens[index]
        if token.kind == .string, let identifier = document.withString(token, { Identifier(text: $0) }) {
            return ID(identifier)
        }
        violations.note(.badId, "\(place()) is not a UUID of 36 characters in lower case")
        return ID(Self.noIdentifier)
    }

    mutating func ids<Kind>(_ index: Int, limit: Int, _ place: @autoclosure () -> String) -> [ID<Kind>] {
        let token = document.tokens[index]
        guard token.kind == .array else {
            violations.note(.badValue, "\(place()) is not a list")
            return []
        }
        var ids: [ID<Kind>] = []
        ids.reserveCapacity(Int(token.next) - index - 1)
        let document = document
        document.forEachElement(inArrayAt: index) { element in
            ids.append(id(element, "\(place())[\(ids.count)]"))
        }
        if ids.count > limit {
            violations.note(.tooLarge, "\(place()) has \(ids.count) members; the limit is \(limit)")
        }
        return ids
    }

    mutating func text(_ index: Int, _ place: @autoclosure () -> String) -> [UInt8] {
        let token = document.tokens[index]
        if token.kind == .string { return document.string(token) }
        violations.note(.badValue, "\(place()) is not a string")
        return []
    }

    /// Text of at most `limit` bytes of UTF-8.
    mutating func text(_ index: Int, limit: Int, _ place: @autoclosure () -> String) -> [UInt8] {
        let text = text(index, place())
        if text.count > limit {
            violations.note(.tooLarge, "\(place()) has \(text.count) bytes; the limit is \(limit)")
        }
        return text
    }

    mutating func flag(_ index: Int, _ place: @autoclosure () -> String) -> Bool {
        switch document.tokens[index].kind {
        case .boolTrue: return true
        case .boolFalse: return false
        default:
            violations.note(.badValue, "\(place()) is not true or false")
            return false
        }
    }

    /// 0 to the greatest number of 64 bits with sign, in integer syntax.
    mutating func naturalNumber(_ index: Int, _ place: @autoclosure () -> String) -> Int64 {
        if let number = document.integer(document.tokens[index]), number >= 0 { return number }
        violations.note(.badValue, "\(place()) is not an integer from 0 to \(Int64.max)")
        return 0
    }
}
