import Glibc

/// The variables of the process, read in this one place.
enum Environment {
    static func variables() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let raw = entry.pointee {
            let text = String(cString: raw)
            if let equals = text.firstIndex(of: "=") {
                result[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            entry += 1
        }
        return result
    }
}
