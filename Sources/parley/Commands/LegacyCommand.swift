import Arguments
import LegacyMailbox

/// `parley legacy VERB`
enum LegacyCommand: Subcommand {
    private static let verb = Positional.one(
        "VERB", help: "What to do: \(LegacyVerb.allCases.map(\.rawValue).joined(separator: ", ")).",
        completion: .words(LegacyVerb.allCases.map(\.rawValue)),
        convert: Values.word(of: LegacyVerb.allCases.map(\.rawValue)))
    private static let rest = Positional.many("ARGUMENT", help: "What the verb needs.", convert: Values.text)

    static let declaration = CommandDeclaration(
        "legacy", section: Section.running, summary: "the old mailbox system: write in it, relay, import, back-fill",
        discussion: [
            "init; send THREAD TEXT --as OWNER [--to OWNER]; edit THREAD KEY TEXT; delete THREAD KEY --as OWNER [--all]; "
                + "read or star THREAD KEY --as OWNER [--off]; move THREAD FOLDER --as OWNER; rename THREAD TITLE; "
                + "add THREAD OWNER...; remove THREAD OWNER. Each prints the rows it wrote, a JSON line each; the rows "
                + "are in the outbox then.",
            "relay carries the outbox to the topic legacy-writes, log prints that; append FILE brings records of any form there, a "
                + "line {\"key\":TEXT,\"value\":TEXT} each. drive makes a load. import-maildir DIR takes in mail; with "
                + "--as OWNER its folders and flags are that owner's. backfill writes the ids "
                + "of conversations and messages into the rows. ids reads rows as JSON lines and prints their ids.",
        ],
        positionals: [verb.declaration, rest.declaration], options: LegacyOptions.declarations,
        examples: [
            .init("parley legacy init", "Makes the store."),
            .init("parley legacy send t1 'hello' --as ada --to bob", "Begins a thread of two."),
            .init("parley legacy drive --writers 50 --threads 5000 --seconds 120 --seed 1", "Writes for two minutes."),
            .init("parley legacy relay --once", "Carries what is in the outbox to the log."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        guard let verb = LegacyVerb(rawValue: arguments[verb]) else { throw Failure(.bug, "a verb without work") }
        return try LegacyRun(arguments: arguments, words: arguments[rest], console: console).run(verb)
    }
}
