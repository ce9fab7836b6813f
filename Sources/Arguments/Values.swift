/// Readers of option values: from the text given to what it means.
public enum Values {
    /// Any text, as it is.
    public static let text: @Sendable (String) throws(ConversionError) -> String = { (text) in text }

    /// A text of at least one byte.
    public static let nonEmpty: @Sendable (String) throws(ConversionError) -> String = {
        (text) throws(ConversionError) -> String in
        guard !text.isEmpty else { throw ConversionError("is empty") }
        return text
    }

    /// A whole number within bounds.
    public static func integer(
        in range: ClosedRange<Int>
    ) -> @Sendable (String) throws(ConversionError) -> Int {
        { (text) throws(ConversionError) -> Int in
            guard let number = Int(text) else { throw ConversionError("is not a whole number") }
            guard range.contains(number) else {
                throw ConversionError(
                    range.upperBound == Int.max
                        ? "must be at least \(range.lowerBound)"
                        : "must be from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }

    /// One of some words.
    public static func word(of words: [String]) -> @Sendable (String) throws(ConversionError) -> String {
        { (text) throws(ConversionError) -> String in
            guard words.contains(text) else {
                let list = words.joined(separator: ", ")
                throw ConversionError("is none of \(list)\(Suggestions.clause(for: text, among: words))")
            }
            return text
        }
    }

    /// A time such as `500ms`, `5s`, `2m` or `1h`: digits, with at most one point, and a unit. Units are never implied.
    public static let duration: @Sendable (String) throws(ConversionError) -> Duration = {
        (text) throws(ConversionError) -> Duration in
        let units: [(suffix: String, microseconds: Double)] = [
            ("ms", 1e3), ("us", 1), ("s", 1e6), ("m", 60e6), ("h", 3600e6),
        ]
        for unit in units where text.hasSuffix(unit.suffix) {
            let number = text.dropLast(unit.suffix.count)
            let digits = number.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard digits, number.first?.isNumber == true, let count = Double(number) else { break }
            let microseconds = (count * unit.microseconds).rounded()
            guard microseconds < 1e15 else { throw ConversionError("is longer than thirty years") }
            return .microseconds(Int64(microseconds))
        }
        throw ConversionError("is not a time; write for example 500ms, 5s, 2m or 1h")
    }
}
