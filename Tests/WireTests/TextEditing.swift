@testable import Wire

extension String {
    func range(of part: String) -> Range<Index>? { ranges(of: part).first }

    func replacingCharacters(from start: Index, count: Int, with other: String) -> String {
        String(self[..<start]) + other + String(self[index(start, offsetBy: count)...])
    }
}

extension JSONCursor {
    /// Characters of the JSON value that an ASCII text starts with.
    static func valueLength(of text: Substring) -> Int {
        var depth = 0
        var isInString = false
        for (count, character) in text.enumerated() {
            if character == "\"" { isInString.toggle() }
            if isInString { continue }
            if character == "{" || character == "[" { depth += 1 }
            if character == "}" || character == "]" { depth -= 1 }
            if depth < 0 || depth == 0 && character == "," { return count }
        }
        return text.count
    }
}
