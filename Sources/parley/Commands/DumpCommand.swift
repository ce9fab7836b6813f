import Arguments
import MessagingService
import Projection

/// `parley dump shared|personal`
enum DumpCommand: Subcommand {
    private static let views = ProjectionName.allCases.map(\.rawValue)
    private static let view = Positional.one(
        "shared|personal", help: "Which view.", completion: .words(views), convert: Values.word(of: views))

    static let declaration = CommandDeclaration(
        "dump", section: Section.reading, summary: "print every row of a view, as JSON Lines",
        discussion: [
            "By table and key, in canonical JSON: the same text from every store, so two views can be compared. Sealed "
                + "content stays sealed."
        ],
        positionals: [view.declaration], options: ReadOptions.freshness,
        examples: [.init("parley dump shared | sha256sum", "A fingerprint of the shared view.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let view = ProjectionName(rawValue: arguments[view])!
        try Reading.open(arguments).dump(view, atLeast: arguments.freshness) { line in
            try console.output.write(line)
            try console.output.write([UInt8(ascii: "\n")])
        }
        return .done
    }
}
