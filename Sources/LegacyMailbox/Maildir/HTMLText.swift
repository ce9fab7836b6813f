/// HTML as plain text: tags, scripts and styles go, blocks become lines. For mail that has no plain text.
enum HTMLText {
    /// Those of ISO 8859-1 from 161 on (HTML 4.01 section 24.2), in order.
    private static let western = """
        iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para \
        middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave \
        Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute \
        Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave \
        iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml
        """
    private static let entities: [String: String] = {
        var known = [
            "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "euro": "\u{20ac}",
            "ndash": "\u{2013}", "mdash": "\u{2014}", "lsquo": "\u{2018}", "rsquo": "\u{2019}", "sbquo": "\u{201a}",
            "ldquo": "\u{201c}", "rdquo": "\u{201d}", "bdquo": "\u{201e}", "bull": "\u{2022}", "hellip": "\u{2026}",
            "trade": "\u{2122}", "OElig": "\u{152}", "oelig": "\u{153}", "Scaron": "\u{160}", "scaron": "\u{161}",
        ]
        for (name, code) in zip(western.split(separator: " "), UInt32(161)...) {
            known[String(name)] = Unicode.Scalar(code).map { String($0) }
        }
        return known
    }()

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
