/// The time of a history: it begins on a Monday morning and goes on by chance, at the pace that has it end in the past
/// however long it is.
struct SampleClock {
    /// So many commands come 40 s apart in the mean, more of them more densely: 463 days.
    private static let unhurriedCommands = 1_000_000
    private static let greatestStep = 80_000

    /// 2024-01-08T07:00:00Z.
    private(set) var milliseconds: Int64 = 1_704_697_200_000

    /// Milliseconds between two commands, at most.
    private let step: Int

    /// - Parameter commands: how many there will be.
    init(commands: Int) {
        step = max(1, Self.greatestStep * Self.unhurriedCommands / max(commands, Self.unhurriedCommands))
    }

    mutating func advance(_ dice: inout Dice) { milliseconds += Int64(dice.below(step)) }

    /// RFC 3339 with a zone, to the millisecond.
    var text: String {
        let days = milliseconds / 86_400_000
        let rest = milliseconds % 86_400_000
        let date = Self.date(daysSince1970: days)
        let clock = (rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000)
        var text = Self.padded(date.year, 4) + "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2)
        text += "T" + Self.padded(clock.0, 2) + ":" + Self.padded(clock.1, 2) + ":" + Self.padded(clock.2, 2)
        return text + "." + Self.padded(clock.3, 3) + "Z"
    }

    /// The date of the proleptic Gregorian calendar, from its cycle of 400 years that begins on the first of March.
    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let cycle = shifted / 146_097
        let dayOfCycle = shifted % 146_097
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
