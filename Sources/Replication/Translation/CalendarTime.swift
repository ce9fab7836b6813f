/// Microseconds since 1970 as RFC 3339 text in UTC.
enum CalendarTime {
    /// - Returns: such as `2004-12-25T10:02:11.000123Z`; years from 0 to 9999, beyond them the nearest of these.
    static func text(micros: Int64) -> [UInt8] {
        let bounded = min(max(micros, -62_167_219_200_000_000), 253_402_300_799_999_999)
        let seconds = floorDivide(bounded, 1_000_000)
        let days = floorDivide(seconds, 86_400)
        let (year, month, day) = civil(days: days)
        let second = seconds - days * 86_400
        var text: [UInt8] = []
        text.reserveCapacity(27)
        append(year, 4, &text, then: "-")
        append(month, 2, &text, then: "-")
        append(day, 2, &text, then: "T")
        append(second / 3_600, 2, &text, then: ":")
        append(second / 60 % 60, 2, &text, then: ":")
        append(second % 60, 2, &text, then: ".")
        append(bounded - seconds * 1_000_000, 6, &text, then: "Z")
        return text
    }

    /// Days since 1970 to a date of the proleptic Gregorian calendar, counting years from March.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let fromMarch = days + 719_468
        let era = floorDivide(fromMarch, 146_097)
        let dayOfEra = fromMarch - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }

    private static func append(_ value: Int64, _ digits: Int, _ text: inout [UInt8], then separator: Unicode.Scalar) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        for _ in 0..<digits {
            text.append(UInt8(48 + value / divisor % 10))
            divisor /= 10
        }
        text.append(UInt8(ascii: separator))
    }
}
