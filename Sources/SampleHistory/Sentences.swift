/// Made-up sentences, each with a token that stands nowhere else, so that a search for it finds one body or none.
struct Sentences {
    private static let openings = [
        "I think", "Good news:", "Just saw that", "Please check whether", "Tomorrow", "As promised,",
        "No idea why, but",
        "Reminder:", "It seems", "Between us,", "For the record,", "Quick question: is it true that", "Yesterday",
    ]
    private static let things = [
        "the ferry", "our new kettle", "the lighthouse", "that old map", "the choir", "my neighbour's goat",
        "the library", "the night train", "the big window", "the second draft", "the soup", "the garden gate",
        "the blue bicycle",
    ]
    private static let doings = [
        "waits behind", "was painted like", "leans against", "arrives before", "costs less than", "reminds me of",
        "belongs next to", "sounds better than", "is older than", "got lost near", "stays open after", "fits under",
    ]
    private static let places = [
        "the harbour", "the bakery", "platform nine", "the old mill", "the market hall", "the east tower", "the school",
        "the swimming lake", "the post office", "the long bridge", "the rose garden", "the cinema", "the hill road",
    ]
    private static let endings = [
        ".", "!", " …", ", or so they say.", ", don't you think?", ". Zoë agrees.", " — really.",
    ]
    private static let titleWords = [
        "Harbour", "Garden", "Weekend", "Budget", "Choir", "Night", "Kitchen", "River", "Travel", "Reading",
        "Football",
        "Launch", "Repair", "Birthday", "Summer", "Release",
    ]
    private static let titleEndings = ["plans", "group", "club", "team", "crew", "friends", "questions", "news"]

    private var written = 0

    mutating func body(_ dice: inout Dice) -> String {
        var text = "\(dice.pick(Self.openings)) \(dice.pick(Self.things)) \(dice.pick(Self.doings)) "
        text += "\(dice.pick(Self.places))\(dice.pick(Self.endings)) \(token(&dice))"
        if dice.chance(inThousand: 250) {
            text += " And \(dice.pick(Self.things)) \(dice.pick(Self.doings)) \(dice.pick(Self.things))."
        }
        return text
    }

    mutating func title(_ dice: inout Dice) -> String {
        "\(dice.pick(Self.titleWords)) \(dice.pick(Self.titleEndings)) \(token(&dice))"
    }

    /// Ten random letters and digits, then how many went before: unlike every other, and not to be guessed.
    private mutating func token(_ dice: inout Dice) -> String {
        let digits = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var text = "#"
        var bits = dice.next()
        for _ in 0..<10 {
            text.append(digits[Int(bits & 31)])
            bits >>= 5
        }
        written += 1
        return text + String(written, radix: 36)
    }
}
