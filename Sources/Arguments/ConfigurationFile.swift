/// The texts of a configuration file by key: JSON, or lines `key = value`.
///
/// Lines: blank ones and those that begin with `#` are skipped; the value is what follows the first `=`, without the
/// blanks around it and without one pair of double quotes. JSON: one object whose values are texts, numbers, booleans
/// or objects of such, whose keys are joined by a point (`{"kafka":{"acks":"all"}}` is `kafka.acks`).
public struct ConfigurationFile: Sendable, Equatable {
    /// In the order of the file; a key stands once.
    public private(set) var entries: [(key: String, value: String)] = []

    /// - Parameters:
    ///   - name: of the file, for messages.
    /// - Throws: `configuration` with the line.
    public init(_ bytes: [UInt8], name: String) throws(ArgumentsError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ArgumentsError(.configuration, "configuration: \(name): is not UTF-8 text: save it as UTF-8")
        }
        let first = bytes.first { !FlatJSON.isSpace($0) }
        if first == UInt8(ascii: "{") {
            var reader = FlatJSON(bytes)
            do {
                for (key, value) in try reader.readAll() { try add(key, value, place: name) }
            } catch let error as FlatJSON.Malformed {
                throw ArgumentsError(
                    .configuration, "configuration: \(name):\(error.line): \(error.reason): mend the JSON there")
            } catch let error as ArgumentsError {
                throw error
            } catch {
                throw ArgumentsError(.configuration, "configuration: \(name): \(error)")
            }
        } else {
            try readLines(text, name: name)
        }
    }

    public static func == (left: ConfigurationFile, right: ConfigurationFile) -> Bool {
        left.entries.elementsEqual(right.entries) { $0 == $1 }
    }

    private mutating func readLines(_ text: String, name: String) throws(ArgumentsError) {
        var number = 0
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            let trimmed = Self.trim(line)
            guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
            guard let equals = trimmed.firstIndex(of: "=") else {
                throw ArgumentsError(
                    .configuration, "configuration: \(name):\(number): no \"=\" in this line: write key = value")
            }
            let key = Self.trim(trimmed[..<equals])
            var value = Self.trim(trimmed[trimmed.index(after: equals)...])
            if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            try add(String(key), String(value), place: "\(name):\(number)")
        }
    }

    private mutating func add(_ key: String, _ value: String, place: String) throws(ArgumentsError) {
        guard !entries.contains(where: { $0.key == key }) else {
            throw ArgumentsError(.configuration, "configuration: \(place): \"\(key)\" is given twice: keep one")
        }
        entries.append((key, value))
    }

    private static func trim(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" && $0 != "\r" }
        return end.map { start[...$0] } ?? ""
    }
}
