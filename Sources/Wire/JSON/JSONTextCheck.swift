/// Whether bytes are text, apart from whether they are JSON: no invalid UTF-8, no NUL raw or escaped in a string, no
/// lone surrogate escaped in a string.
///
/// The scanner stops at the first fault of any kind. When that is one of form, this looks at the whole line, as not
/// being text comes first among the reasons for a refusal.
enum JSONTextCheck {
    static func firstFault(in text: UnsafeRawBufferPointer) -> JSONFault? {
        if let offset = UTF8Check.firstFault(in: text) { return JSONFault(.invalidUTF8, at: offset) }
        if let offset = text.firstIndex(of: 0) { return JSONFault(.nul, at: offset) }
        return firstFaultyEscape(in: text)
    }

    private static func firstFaultyEscape(in text: UnsafeRawBufferPointer) -> JSONFault? {
        var cursor = JSONCursor(text)
        var isInString = false
        while let byte = cursor.peek {
            if byte == UInt8(ascii: "\"") { isInString.toggle() }
            guard isInString, byte == UInt8(ascii: "\\") else {
                cursor.advance()
                continue
            }
            var escape = cursor
            do throws(JSONFault) {
                try escape.skipEscape()
                cursor = escape
            } catch {
                if error.kind.isText { return error }
                // An escape that JSON does not have, or one that is cut: over the backslash and what it would escape.
                cursor.advance()
                if cursor.peek != nil { cursor.advance() }
            }
        }
        return nil
    }
}
