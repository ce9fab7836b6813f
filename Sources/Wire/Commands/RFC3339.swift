/// Times as RFC 3339 section 5.6 writes them: a date of the calendar, a time, a zone.
public enum RFC3339 {
    /// Microseconds since 1970 of a time in UTC; a fraction is cut to microseconds, a leap second is the one before it.
    /// - Returns: `nil` unless the text is such a time.
    public static func micros(_ text: [UInt8]) -> Int64? {
        guard isValid(text), let year = number(text, 0, 4), let month = number(text, 5, 2),
            let day = number(text, 8, 2), let hour = number(text, 11, 2), let minute = number(text, 14, 2),
            let second = number(text, 17, 2),
            let zone = zoneMinutes(text, from: endOfFraction(text))
        else { return nil }
        let minutes = (daysSince1970(year, month, day) * 24 + hour) * 60 + minute - zone
        var micros = 0
        for place in 20..<26 {
            let isDigit = place < endOfFraction(text)
            micros = micros * 10 + (isDigit ? Int(text[place]) - Int(UInt8(ascii: "0")) : 0)
        }
        return Int64(minutes * 60 + min(second, 59)) * 1_000_000 + Int64(micros)
    }

    /// Of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// `2004-12-25T10:02:11.5+01:00`: upper or lower `t` and `z`, any number of digits in the fraction, and a second 60
    /// only where the zone makes it the last of a month in UTC (section 5.7).
    static func isValid(_ text: [UInt8]) -> Bool {
        guard text.count >= 20, separators(text), let year = number(text, 0, 4), let month = number(text, 5, 2),
            let day = number(text, 8, 2), let hour = number(text, 11, 2), let minute = number(text, 14, 2),
            let second = number(text, 17, 2), let zone = zoneMinutes(text, from: endOfFraction(text))
        else { return false }
        guard (1...12).contains(month), day >= 1, day <= days(in: month, of: year) else { return false }
        guard hour <= 23, minute <= 59, second <= 60 else { return false }
        if second < 60 { return true }
        return isLastMinuteOfMonth(year: year, month: month, day: day, minute: hour * 60 + minute - zone)
    }

    private static func separators(_ text: [UInt8]) -> Bool {
        text[4] == UInt8(ascii: "-") && text[7] == UInt8(ascii: "-") && text[10] | 0x20 == UInt8(ascii: "t")
            && text[13] == UInt8(ascii: ":") && text[16] == UInt8(ascii: ":")
    }

    private static func number(_ text: [UInt8], _ start: Int, _ count: Int) -> Int? {
        guard start + count <= text.count else { return nil }
        var value = 0
        for byte in text[start..<start + count] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// Where the zone starts: after the seconds, or after a dot and the digits that follow it.
    private static func endOfFraction(_ text: [UInt8]) -> Int {
        guard text[19] == UInt8(ascii: ".") else { return 19 }
        var end = 20
        while end < text.count, text[end] >= UInt8(ascii: "0"), text[end] <= UInt8(ascii: "9") { end += 1 }
        // A dot needs a digit; standing on the dot, no zone is found.
        return end > 20 ? end : 19
    }

    /// Minutes east of UTC, from a zone that is the rest of the text.
    private static func zoneMinutes(_ text: [UInt8], from start: Int) -> Int? {
        guard start < text.count else { return nil }
        if text[start] | 0x20 == UInt8(ascii: "z") { return start + 1 == text.count ? 0 : nil }
        guard text.count == start + 6, text[start] == UInt8(ascii: "+") || text[start] == UInt8(ascii: "-"),
            text[start + 3] == UInt8(ascii: ":"), let hours = number(text, start + 1, 2), hours <= 23,
            let minutes = number(text, start + 4, 2), minutes <= 59
        else { return nil }
        return (text[start] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// - Parameter minute: of the day in UTC, at most a day before or after it.
    private static func isLastMinuteOfMonth(year: Int, month: Int, day: Int, minute: Int) -> Bool {
        switch minute {
        case 1439: day == days(in: month, of: year)
        case -1: day == 1
        case 1439 + 1440: day + 1 == days(in: month, of: year)
        default: false
        }
    }
}
