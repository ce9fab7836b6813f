import Arguments

/// The verbs of `parley legacy`.
enum LegacyVerb: String, CaseIterable {
    case `init`, send, edit, delete, read, star, move, rename, add, remove, relay, log, append, drive, backfill, ids
    case importMaildir = "import-maildir"
}

/// The options of `parley legacy`.
enum LegacyOptions {
    static let store = Option<String?>.optional(
        "legacy", placeholder: "URL", help: "The legacy store: sqlite:FILE or postgres://... (no password in it).",
        defaultText: "legacy.sqlite in the data directory", completion: .file, variable: "PARLEY_LEGACY",
        convert: Values.nonEmpty)
    static let owner = Option<String?>.optional(
        "as", placeholder: "OWNER", help: "Who acts, by the legacy system's name.", convert: Values.nonEmpty)
    static let to = Option.list(
        "to", placeholder: "OWNER", help: "Who is to be in the thread.", convert: Values.nonEmpty)
    static let subject = Option<String?>.optional(
        "subject", placeholder: "TEXT", help: "Of a message; the title of a thread it begins.", convert: Values.text)
    static let key = Option<String?>.optional(
        "key", placeholder: "KEY", help: "The message's key: the same one in a thread is the same message.",
        defaultText: "a new one", convert: Values.nonEmpty)
    static let replyTo = Option<String?>.optional(
        "reply-to", placeholder: "KEY", help: "The message that this one answers.", convert: Values.nonEmpty)
    static let off = Option.flag("off", help: "Unread, or no star.")
    static let all = Option.flag("all", help: "Delete for everybody.")
    static let once = Option.flag("once", help: "Relay what is there, then exit.")
    static let form = Option.value(
        "form", placeholder: "FORM", default: "protobuf", defaultText: "protobuf",
        help: "Of the records: protobuf, json.",
        convert: Values.word(of: ["protobuf", "json"]))
    static let writers = number("writers", 50, 1...1_000, "Writers of the load.")
    static let threads = number("threads", 5_000, 1...10_000_000, "Threads of the load.")
    static let seconds = number("seconds", 120, 1...1_000_000, "How long the load lasts.")
    static let seed = number("seed", 1, 0...Int.max, "Another number, another load.")
    static let actions = Option<Int?>.optional(
        "actions", placeholder: "N", help: "End the load after so many actions.",
        convert: Values.integer(in: 1...Int.max))
    static let skew = number(
        "skew-seconds", 0, -86_400...86_400, "What the store's clock is ahead of the machine's, in a load.")

    static let declarations: [OptionDeclaration] =
        [
            store.declaration, owner.declaration, to.declaration, subject.declaration, key.declaration,
            replyTo.declaration, off.declaration, all.declaration, once.declaration, form.declaration,
            writers.declaration, threads.declaration, seconds.declaration, seed.declaration, actions.declaration,
            skew.declaration, LegacyRecordOptions.mapping.declaration,
        ] + MetricsOptions.declarations

    private static func number(_ name: String, _ fallback: Int, _ range: ClosedRange<Int>, _ help: String)
        -> Option<Int>
    {
        Option.value(
            name, placeholder: "N", default: fallback, defaultText: "\(fallback)", help: help,
            convert: Values.integer(in: range))
    }
}
