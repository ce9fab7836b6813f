import Messaging

/// What the legacy store takes as text.
enum LegacyText {
    /// Bytes of an owner, a thread's id, a key, a folder's name.
    static let nameBytes = 512
    /// Bytes of a subject or a body.
    static let textBytes = 256 * 1024

    /// - Throws: `LegacyError` with `invalid` for a name that is empty, too long or no text.
    static func check(names: [[UInt8]]) throws(LegacyError) {
        for name in names {
            guard !name.isEmpty && name.count <= nameBytes else {
                throw LegacyError(.invalid, "a name of \(name.count) bytes: give 1 to \(nameBytes)")
            }
        }
        try check(texts: names)
    }

    /// - Throws: `LegacyError` with `invalid` for text that is too long, no UTF-8 or has a NUL.
    static func check(texts: [[UInt8]]) throws(LegacyError) {
        for text in texts {
            guard text.count <= textBytes else {
                throw LegacyError(.invalid, "a text of \(text.count) bytes: give at most \(textBytes)")
            }
            guard !text.contains(0), String(validating: text, as: UTF8.self) != nil else {
                throw LegacyError(.invalid, "a text that is not UTF-8, or has a NUL in it")
            }
        }
    }

    /// The id of somebody's copy: the same message gives the same one, so that sending or importing again finds it.
    static func copyID(_ thread: [UInt8], _ owner: [UInt8], _ key: [UInt8]) -> [UInt8] {
        let name = thread + [0] + owner + [0] + key
        var text: [UInt8] = []
        Identifier.version5(namespace: .defaultNamespace, name: name).appendText(to: &text)
        return text
    }
}
