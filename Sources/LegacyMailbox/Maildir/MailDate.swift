/// Dates of mail (RFC 5322 section 3.3, with the obsolete forms of 4.3) as microseconds since 1970.
enum MailDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let zones = [
        "ut": 0, "gmt": 0, "utc": 0, "z": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
        "mdt": -360, "pst": -480, "pdt": -420,
    ]

    /// - Returns: `nil` for what is no date.
    static func micros(_ value: [UInt8]) -> Int64? {
        let text = String(decoding: withoutComments(value), as: UTF8.self).lowercased()
        var words = text.split { $0 == " " || $0 == "\t" || $0 == "," }.map(String.init)
        if let first = words.first, Int(first) == nil { words.removeFirst() }
        guard words.count >= 4, let day = Int(words[0]), let month = months.firstIndex(of: String(words[1].prefix(3))),
            var year = Int(words[2])
        else { return nil }
        if year < 50 { year += 2000 } else if year < 1000 { year += 1900 }
        let clock = words[3].split(separator: ":").map { Int($0) }
        guard clock.count >= 2, clock.count <= 3, let hour = clock[0], let minute = clock[1] else { return nil }
        let second = clock.count == 3 ? clock[2] ?? -1 : 0
        guard (1...31).contains(day), (1970...2200).contains(year), (0...23).contains(hour),
            (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let offset = words.count > 4 ? zoneMinutes(words[4]) : 0
        let days = daysSince1970(year: year, month: month + 1, day: day)
        let seconds = ((days * 24 + Int64(hour)) * 60 + Int64(minute - offset)) * 60 + Int64(second)
        return seconds * 1_000_000
    }

    /// Minutes east of Greenwich; what is not known is 0, as RFC 5322 says.
    private static func zoneMinutes(_ text: String) -> Int {
        if let known = zones[text] { return known }
        guard text.utf8.count == 5, let sign = text.first, sign == "+" || sign == "-",
            let number = Int(text.dropFirst())
        else { return 0 }
        let minutes = number / 100 * 60 + number % 100
        return sign == "-" ? -minutes : minutes
    }

    private static func withoutComments(_ value: [UInt8]) -> [UInt8] {
        var (output, depth): ([UInt8], Int) = ([], 0)
        for byte in value {
            if byte == UInt8(ascii: "(") { depth += 1 }
            if depth == 0 { output.append(byte) }
            if byte == UInt8(ascii: ")") { depth = max(0, depth - 1) }
        }
        return output
    }

    /// The civil calendar (H. Hinnant, "chrono-compatible low-level date algorithms").
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return Int64(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }
}
