/// Dates of mail (RFC 5322 section 3.3, with the obsolete forms of 4.3) as microseconds since 1970.
///
/// Also taken is what programs wrote in their place: the month before the day, `asctime`'s form, dashes, a zone without a
/// space before it, half days, and RFC 3339.
enum MailDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let zones = [
        "ut": 0, "gmt": 0, "utc": 0, "z": 0, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
        "mdt": -360, "pst": -480, "pdt": -420,
    ]

    /// - Returns: `nil` for what is no date.
    static func micros(_ value: [UInt8]) -> Int64? {
        let text = String(decoding: withoutComments(value), as: UTF8.self).lowercased()
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "," }
        guard let at = words.firstIndex(where: { $0.contains(":") && $0.first?.isNumber ?? false }) else { return nil }
        // RFC 3339 has the day in the same word, others the zone.
        let parts = words[at].split(separator: "t", maxSplits: 1)
        let isWhole = parts.count == 2 && !parts[0].contains(":")
        let after = words[(at + 1)...]
        var others = Array(words[..<at]) + Array(after)
        if isWhole { others.append(parts[0]) }
        guard let day = days(others), var time = Clock(isWhole ? parts[1] : words[at]) else { return nil }
        if let half = after.first, half == "am" || half == "pm" { time.take(isAfternoon: half == "pm") }
        let zone = time.zone ?? after.lazy.compactMap { zoneMinutes($0) }.first ?? 0
        let minutes = day * 1_440 + Int64(time.minutes - zone)
        return (minutes * 60 + Int64(time.seconds)) * 1_000_000
    }

    /// Days since 1970 of words among which are a day, a month and a year.
    private static func days(_ words: [Substring]) -> Int64? {
        var (numbers, month): ([Substring], Int?) = ([], nil)
        for word in words where zoneMinutes(word) == nil {
            for part in word.split(separator: "-") {
                if Int(part) != nil {
                    numbers.append(part)
                } else if month == nil {
                    month = months.firstIndex(of: String(part.prefix(3))).map { $0 + 1 }
                }
            }
        }
        // Numbers alone are a date from the year on.
        if month == nil, numbers.count > 2, numbers[0].utf8.count == 4 { month = Int(numbers.remove(at: 1)) }
        if numbers.count > 1, numbers[0].utf8.count > 2 { numbers.swapAt(0, 1) }
        guard let month, numbers.count > 1, let day = Int(numbers[0]), var year = Int(numbers[1]) else { return nil }
        if year < 50 { year += 2000 } else if year < 1000 { year += 1900 }
        guard (1...31).contains(day), (1...12).contains(month), (1970...2200).contains(year) else { return nil }
        return daysSince1970(year: year, month: month, day: day)
    }

    private struct Clock {
        var minutes: Int
        var seconds: Int
        /// Minutes east of Greenwich, where that stands right behind the time.
        var zone: Int?

        /// Hours are those of half a day: 12 is its first.
        mutating func take(isAfternoon: Bool) {
            if minutes >= 12 * 60 { minutes -= 12 * 60 }
            if isAfternoon { minutes += 12 * 60 }
        }

        init?(_ word: Substring) {
            let time = word.prefix { $0.isNumber || $0 == ":" || $0 == "." }
            let fields = time.split(separator: ":").map { Int($0.prefix { $0 != "." }) }
            guard (2...3).contains(fields.count), let hour = fields[0], let minute = fields[1] else { return nil }
            seconds = fields.count == 3 ? fields[2] ?? -1 : 0
            guard (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(seconds) else { return nil }
            minutes = hour * 60 + minute
            zone = zoneMinutes(word.dropFirst(time.count))
        }
    }

    /// Minutes east of Greenwich; `nil` for what is not known, which counts as 0, as RFC 5322 says.
    private static func zoneMinutes(_ word: Substring) -> Int? {
        if let known = zones[String(word)] { return known }
        let digits = word.dropFirst().filter { $0 != ":" }
        guard let sign = word.first, sign == "+" || sign == "-", digits.utf8.count == 4, let number = Int(digits)
        else { return nil }
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
