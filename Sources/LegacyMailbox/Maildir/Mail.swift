import Messaging

/// What is kept of a mail between the two passes of an import: its header, without the body.
struct Mail {
    var file: MaildirFiles.File
    /// The deduplication key: the message id, or one computed from the bytes.
    var key: [UInt8]
    /// Of the bytes, for telling copies from others with the same id.
    var digest: Identifier
    var sender: [UInt8]
    /// Whom everybody sees.
    var recipients: [[UInt8]]
    /// Whom only the sender sees.
    var blind: [[UInt8]]
    var subject: [UInt8]
    var references: [[UInt8]]
    var inReplyTo: [UInt8]?
    var sentAt: Int64
    var oddities: Set<MailOddity>

    /// People of one message; more are left out and reported.
    static let recipientLimit = 4_000
    private static let unknown = Array("unknown@missing.invalid".utf8)

    /// - Parameter now: microseconds; dates more than a day ahead of it are not believed.
    init(_ file: MaildirFiles.File, _ bytes: [UInt8], isCut: Bool, now: Int64) {
        let headers = MailHeaders(bytes[...])
        self.file = file
        digest = Self.digest(headers, bytes[headers.bodyStart...])
        oddities = isCut ? [.cutFile] : []
        let ids = Self.messageIDs(headers["message-id"] ?? [])
        if let id = ids.first {
            key = id
        } else {
            key = Array("<\(digest)@missing.invalid>".utf8)
            oddities.insert(.missingMessageID)
        }
        let senders = MailAddresses.read(headers["from"] ?? []).addresses
        if senders.isEmpty { oddities.insert(.sender) }
        let others = (headers.all("sender") + headers.all("return-path")).lazy.flatMap {
            MailAddresses.read($0).addresses
        }
        let found = senders.first ?? others.first
        let from = found ?? Self.unknown
        sender = from
        var (people, odd): ([[UInt8]], Int) = ([], 0)
        for field in headers.all("to") + headers.all("cc") {
            let read = MailAddresses.read(field)
            people += read.addresses
            odd += read.odd
        }
        var seen = Set<[UInt8]>()
        let unique = people.filter { $0 != from && seen.insert($0).inserted }
        recipients = Array(unique.prefix(Self.recipientLimit))
        people = []
        for field in headers.all("bcc") {
            let read = MailAddresses.read(field)
            people += read.addresses
            odd += read.odd
        }
        let hidden = people.filter { $0 != from && seen.insert($0).inserted }
        blind = Array(hidden.prefix(Self.recipientLimit))
        if odd > 0 || max(unique.count, hidden.count) > Self.recipientLimit { oddities.insert(.recipient) }
        if recipients.isEmpty && blind.isEmpty { oddities.insert(.noRecipients) }
        if headers.isOdd { oddities.insert(.header) }
        let (text, isOdd) = MailText.unstructured(headers["subject"] ?? [])
        subject = MailSubject.cut(text, to: 1_000)
        if isOdd { oddities.insert(.charset) }
        references = Self.messageIDs(headers.all("references").joined(separator: [32]).map { $0 })
        inReplyTo = Self.messageIDs(headers["in-reply-to"] ?? []).first ?? references.last
        let date = Self.date(headers, now: now)
        if date == nil { oddities.insert(.date) }
        sentAt = date ?? Self.received(headers, now: now) ?? min(max(1, file.modified), now)
    }

    private static func date(_ headers: MailHeaders, now: Int64) -> Int64? {
        headers["date"].flatMap { MailDate.micros($0) }.flatMap { isBelievable($0, now: now) ? $0 : nil }
    }

    /// When the last server took it: what stands behind the last `;` of the first `Received`.
    private static func received(_ headers: MailHeaders, now: Int64) -> Int64? {
        guard let field = headers["received"], let mark = field.lastIndex(of: UInt8(ascii: ";")) else { return nil }
        return MailDate.micros(Array(field[(mark + 1)...])).flatMap { isBelievable($0, now: now) ? $0 : nil }
    }

    private static func isBelievable(_ micros: Int64, now: Int64) -> Bool {
        micros > 0 && micros < now + 86_400_000_000
    }

    /// The ids of `Message-ID`, `In-Reply-To` and `References`: what stands between `<` and `>`.
    private static func messageIDs(_ value: [UInt8]) -> [[UInt8]] {
        var (ids, at): ([[UInt8]], Int) = ([], 0)
        while ids.count < 1_000, let start = value[at...].firstIndex(of: UInt8(ascii: "<")),
            let end = value[start...].firstIndex(of: UInt8(ascii: ">"))
        {
            let id = value[start...end].filter { $0 > 32 && $0 < 127 }
            if id.count > 2 && id.count <= LegacyText.nameBytes - 40 { ids.append(id) }
            at = end + 1
        }
        return ids
    }

    /// Of the fields that do not change on the way, and the body.
    private static func digest(_ headers: MailHeaders, _ body: ArraySlice<UInt8>) -> Identifier {
        var name: [UInt8] = []
        for field in [headers["from"], headers["date"], headers["subject"]] { name += (field ?? []) + [0] }
        return .version5(namespace: .defaultNamespace, name: name + body)
    }
}

/// Subjects as threads compare them.
enum MailSubject {
    /// Without `Re:`, `Fwd:`, `[List]` before it and white space, in lower case (RFC 8621 section 3, RFC 5256's
    /// prefixes).
    static func normalised(_ subject: [UInt8]) -> [UInt8] {
        var rest = Ascii.lowered(subject).filter { !Ascii.isSpace($0) }[...]
        let words = ["re", "fwd", "fw", "aw", "wg", "sv", "antw"].map { Array($0.utf8) }
        var isChanged = true
        while isChanged {
            isChanged = false
            if rest.first == UInt8(ascii: "["), let end = rest.firstIndex(of: UInt8(ascii: "]")),
                end + 1 < rest.endIndex
            {
                rest = rest[(end + 1)...]
                isChanged = true
            }
            for word in words where rest.starts(with: word) {
                var after = rest.dropFirst(word.count)
                if after.first == UInt8(ascii: "["), let end = after.firstIndex(of: UInt8(ascii: "]")) {
                    after = after[(end + 1)...]
                }
                guard after.first == UInt8(ascii: ":") else { continue }
                rest = after.dropFirst()
                isChanged = true
                break
            }
        }
        return Array(rest)
    }

    /// At most so many bytes, at the end of a character.
    static func cut(_ text: [UInt8], to limit: Int) -> [UInt8] {
        guard text.count > limit else { return text }
        var end = limit
        while end > 0, text[end] & 0xc0 == 0x80 { end -= 1 }
        return Array(text[..<end])
    }

    /// Bytes of one character in JSON.
    private static func escapedBytes(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): 2
        case ..<32, 127: 6
        default: 1
        }
    }

    /// Bytes of a text in JSON, at most.
    static func escapedBytes(_ text: [UInt8]) -> Int { text.reduce(0) { $0 + escapedBytes($1) } }

    /// At most so many bytes in JSON, at the end of a character.
    static func cut(_ text: [UInt8], toEscaped limit: Int) -> [UInt8] {
        var (count, end) = (0, 0)
        while end < text.count {
            count += escapedBytes(text[end])
            if count > limit { return cut(text, to: end) }
            end += 1
        }
        return text
    }
}
