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

    private mutating func read(_ headers: MailHeaders, _ body: ArraySlice<UInt8>, number: String, depth: Int) {
        parts += 1
        guard depth <= Self.depthLimit, parts <= Self.partLimit else {
            oddities.insert(.tooDeep)
            return
        }
        let type = MailParameters(headers["content-type"] ?? Array("text/plain".utf8))
        if type.value.starts(with: Array("multipart/".utf8)) {
            if let boundary = type["boundary"], !boundary.isEmpty {
                let pieces = Self.split(body, boundary: boundary)
                if pieces.isClosed == false { oddities.insert(.openMultipart) }
                for (index, piece) in pieces.parts.enumerated() {
                    let inner = MailHeaders(piece)
                    read(inner, piece[inner.bodyStart...], number: "\(number).\(index + 1)", depth: depth + 1)
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

/// A value with parameters, such as `text/plain; charset="utf-8"` (RFC 2045 section 5.1, RFC 2231's simplest form).
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
        if let plain = parameters.first(where: { $0.name == wanted }) { return plain.value }
        // charset'language'percent-encoded
        guard let extended = parameters.first(where: { $0.name == wanted + [UInt8(ascii: "*")] }) else { return nil }
        let pieces = extended.value.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces.count == 3 else { return extended.value }
        let bytes = pieces[2].map { $0 == UInt8(ascii: "%") ? UInt8(ascii: "=") : $0 }
        return MailText.utf8(MailText.quotedPrintable(bytes[...], isWord: false), charset: Array(pieces[0])).text
    }
}

/// HTML as plain text: tags, scripts and styles go, blocks become lines. For mail that has no plain text.
enum HTMLText {
    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ",
    ]

    static func plain(_ html: [UInt8]) -> [UInt8] {
        var (output, at): ([UInt8], Int) = ([], 0)
        while at < html.count {
            if html[at] == UInt8(ascii: "<") {
                let end = html[at...].firstIndex(of: UInt8(ascii: ">")) ?? html.count - 1
                let tag = Ascii.lowered(Array(html[(at + 1)..<max(at + 1, end)].prefix(12)))
                at = end + 1
                for hidden in ["script", "style"] where tag.starts(with: Array(hidden.utf8)) {
                    at = skip(html, at, past: Array("</\(hidden)".utf8))
                }
                let lines = ["p", "/p", "br", "div", "/div", "tr", "li", "h1", "h2", "h3"]
                let name = String(decoding: tag.prefix { $0 > 32 && $0 != UInt8(ascii: ">") }, as: UTF8.self)
                if lines.contains(name), output.last != 10 { output.append(10) }
            } else if html[at] == UInt8(ascii: "&"), let (text, next) = entity(html, at) {
                output += text
                at = next
            } else {
                output.append(html[at])
                at += 1
            }
        }
        return output
    }

    private static func skip(_ html: [UInt8], _ start: Int, past mark: [UInt8]) -> Int {
        var at = start
        while at + mark.count <= html.count {
            if html[at] == mark[0], Ascii.lowered(Array(html[at..<at + mark.count])) == mark { return at }
            at += 1
        }
        return html.count
    }

    private static func entity(_ html: [UInt8], _ start: Int) -> ([UInt8], Int)? {
        guard let end = html[start..<min(start + 12, html.count)].firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = String(decoding: html[(start + 1)..<end], as: UTF8.self)
        if let text = entities[name] { return (Array(text.utf8), end + 1) }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let code, code != 0, let scalar = Unicode.Scalar(code) else { return nil }
        return (Array(String(scalar).utf8), end + 1)
    }
}
