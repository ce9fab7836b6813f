/// The text and the attachments of a mail's body (RFC 2045, 2046): plain text before HTML, everything else listed.
struct MailParts {
    /// The text that is shown.
    private(set) var text: [UInt8] = []
    /// Files by part number: what they are called, their type and their size after decoding.
    private(set) var attachments: [(part: String, name: [UInt8], mediaType: [UInt8], bytes: Int)] = []
    /// What was odd, in words of ``MailOddity``.
    private(set) var oddities: Set<MailOddity> = []
    private var html: [UInt8] = []
    private var hasText = false

    private static let depthLimit = 20
    private static let partLimit = 1_000
    private var parts = 0

    init(_ headers: MailHeaders, _ body: ArraySlice<UInt8>) {
        read(headers, body, number: "1", depth: 0)
        if !hasText && !html.isEmpty { text = HTMLText.plain(html) }
    }

    /// - Parameter untyped: what a part is that does not say.
    private mutating func read(
        _ headers: MailHeaders, _ body: ArraySlice<UInt8>, number: String, depth: Int, untyped: String = "text/plain"
    ) {
        parts += 1
        guard depth <= Self.depthLimit, parts <= Self.partLimit else {
            oddities.insert(.tooDeep)
            return
        }
        let type = MailParameters(headers["content-type"] ?? Array(untyped.utf8))
        if type.value.starts(with: Array("multipart/".utf8)) {
            if let boundary = type["boundary"], !boundary.isEmpty {
                let pieces = Self.split(body, boundary: boundary)
                if pieces.isClosed == false { oddities.insert(.openMultipart) }
                // RFC 2046 section 5.1.5.
                let untyped = type.value == Array("multipart/digest".utf8) ? "message/rfc822" : "text/plain"
                for (index, piece) in pieces.parts.enumerated() {
                    let inner = MailHeaders(piece)
                    read(
                        inner, piece[inner.bodyStart...], number: "\(number).\(index + 1)", depth: depth + 1,
                        untyped: untyped)
                }
                if !pieces.parts.isEmpty { return }
            }
            oddities.insert(.openMultipart)
            return take(body, MailParameters(Array("text/plain".utf8)), [])
        }
        readLeaf(headers, type, body, number)
    }

    private mutating func readLeaf(
        _ headers: MailHeaders, _ type: MailParameters, _ body: ArraySlice<UInt8>, _ number: String
    ) {
        let encoding = Ascii.lowered(headers["content-transfer-encoding"] ?? [])
        let disposition = MailParameters(headers["content-disposition"] ?? [])
        let name = disposition["filename"] ?? type["name"]
        let isText = type.value == Array("text/plain".utf8) || type.value == Array("text/html".utf8)
        let isFile = disposition.value == Array("attachment".utf8) || name != nil
        if isText && !isFile || type.value == Array("text".utf8) { return take(body, type, encoding) }
        let known = ["", "7bit", "8bit", "binary", "base64", "quoted-printable"]
        if !known.contains(String(decoding: encoding, as: UTF8.self)) { oddities.insert(.encoding) }
        let size = MailText.decoded(body, encoding: encoding).count
        attachments.append((number, MailText.unstructured(name ?? []).text, type.value, size))
    }

    private mutating func take(_ body: ArraySlice<UInt8>, _ type: MailParameters, _ encoding: [UInt8]) {
        let (decoded, isOdd) = MailText.utf8(MailText.decoded(body, encoding: encoding), charset: type["charset"])
        if isOdd { oddities.insert(.charset) }
        if type.value == Array("text/html".utf8) {
            html += decoded
        } else {
            if hasText { text.append(10) }
            text += decoded
            hasText = true
        }
    }

    /// Behind the line that closes a mail's parts; 0 where there are none, or no such line.
    static func end(of mail: [UInt8]) -> Int {
        let headers = MailHeaders(mail[...])
        let type = MailParameters(headers["content-type"] ?? [])
        guard type.value.starts(with: Array("multipart/".utf8)), let boundary = type["boundary"] else { return 0 }
        let pieces = split(mail[headers.bodyStart...], boundary: boundary)
        return pieces.isClosed ? pieces.parts.last?.endIndex ?? 0 : 0
    }

    /// The parts between lines `--boundary`, up to the line `--boundary--`.
    private static func split(
        _ body: ArraySlice<UInt8>, boundary: [UInt8]
    ) -> (parts: [ArraySlice<UInt8>], isClosed: Bool) {
        let mark = Array("--".utf8) + boundary
        var (parts, start): ([ArraySlice<UInt8>], Int?) = ([], nil)
        var at = body.startIndex
        while at < body.endIndex {
            let lineEnd = body[at...].firstIndex(of: 10) ?? body.endIndex
            let line = body[at..<lineEnd]
            if line.starts(with: mark) {
                let rest = Ascii.trimmed(line.dropFirst(mark.count))
                let isEnd = rest == Array("--".utf8)
                if rest.isEmpty || isEnd {
                    if let start { parts.append(withoutLineEnd(body[start..<max(start, at)])) }
                    if isEnd { return (parts, true) }
                    start = min(lineEnd + 1, body.endIndex)
                }
            }
            at = min(lineEnd + 1, body.endIndex)
        }
        if let start, start <= body.endIndex { parts.append(body[start...]) }
        return (parts, false)
    }

    /// The line end before a boundary belongs to the boundary.
    private static func withoutLineEnd(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var part = part
        if part.last == 10 { part.removeLast() }
        if part.last == 13 { part.removeLast() }
        return part
    }
}

/// A value with parameters, such as `text/plain; charset="utf-8"` (RFC 2045 section 5.1, RFC 2231).
struct MailParameters {
    /// In lower case.
    let value: [UInt8]
    private var parameters: [(name: [UInt8], value: [UInt8])] = []

    init(_ text: [UInt8]) {
        var (pieces, isQuoted): ([[UInt8]], Bool) = ([[]], false)
        var isEscaped = false
        for byte in text {
            if isEscaped {
                pieces[pieces.count - 1].append(byte)
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == UInt8(ascii: ";"), !isQuoted {
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(byte)
            }
        }
        value = Ascii.lowered(Ascii.trimmed(pieces[0][...]))
        for piece in pieces.dropFirst() {
            guard let equal = piece.firstIndex(of: UInt8(ascii: "=")) else { continue }
            parameters.append(
                (Ascii.lowered(Ascii.trimmed(piece[..<equal])), Ascii.trimmed(piece[(equal + 1)...])))
        }
    }

    subscript(name: StaticString) -> [UInt8]? {
        let wanted = name.withUTF8Buffer { Array($0) }
        let plain = parameters.first { $0.name == wanted && !$0.value.isEmpty }?.value
        return plain ?? extended(wanted).map { Self.text(of: $0) }
    }

    /// The value in pieces, `name*` or `name*0`, `name*1`, ...; an `*` behind says that one is percent-encoded.
    private func extended(_ wanted: [UInt8]) -> [(value: [UInt8], isEncoded: Bool)]? {
        let star = [UInt8(ascii: "*")]
        func piece(_ name: [UInt8]) -> (value: [UInt8], isEncoded: Bool)? {
            if let encoded = parameters.first(where: { $0.name == name + star }) { return (encoded.value, true) }
            return parameters.first { $0.name == name }.map { ($0.value, false) }
        }
        if let whole = parameters.first(where: { $0.name == wanted + star }) {
            return whole.value.isEmpty ? nil : [(whole.value, true)]
        }
        var pieces: [(value: [UInt8], isEncoded: Bool)] = []
        while let next = piece(wanted + star + Array("\(pieces.count)".utf8)) { pieces.append(next) }
        return pieces.isEmpty ? nil : pieces
    }

    /// charset'language'percent-encoded
    private static func text(of pieces: [(value: [UInt8], isEncoded: Bool)]) -> [UInt8] {
        let quote = UInt8(ascii: "'")
        let head = pieces[0].value.split(separator: quote, maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces[0].isEncoded, head.count == 3 else { return Array(pieces.map(\.value).joined()) }
        let values = [(Array(head[2]), true)] + pieces.dropFirst().map { ($0.value, $0.isEncoded) }
        let bytes = values.flatMap { value, isEncoded in
            guard isEncoded else { return value }
            let marked = value.map { $0 == UInt8(ascii: "%") ? UInt8(ascii: "=") : $0 }
            return MailText.quotedPrintable(marked[...], isWord: false)
        }
        return MailText.utf8(bytes, charset: Array(head[0])).text
    }
}
