/// Several mails in one file, each behind a line that begins with `From ` (RFC 4155).
enum Mbox {
    private static let mark = Array("From ".utf8)
    /// Bytes behind the separator in which a field must begin.
    private static let headerBytes = 1_000

    /// Whether the bytes begin as an mbox does; so does a single mail that was kept with its separator.
    static func begins(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.starts(with: mark), let end = bytes.firstIndex(of: 10) else { return false }
        // When it came: a time of day.
        let isSeparator = bytes[..<end].indices.dropFirst().dropLast().contains { at in
            bytes[at] == UInt8(ascii: ":") && isDigit(bytes[at - 1]) && isDigit(bytes[at + 1])
        }
        return isSeparator && !MailHeaders(bytes[(end + 1)...].prefix(headerBytes)).fields.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Whether there is a second mail in it, behind an empty line. What is within the first one's parts is none.
    static func holdsSeveral(_ bytes: [UInt8]) -> Bool {
        guard begins(bytes[...]) else { return false }
        var at = MailParts.end(of: bytes)
        while let feed = bytes[at...].firstIndex(of: 10) {
            at = feed + 1
            let isAfterEmpty =
                feed >= 1 && (bytes[feed - 1] == 10 || feed >= 2 && bytes[feed - 1] == 13 && bytes[feed - 2] == 10)
            if isAfterEmpty, begins(bytes[at...]) { return true }
        }
        return false
    }
}
