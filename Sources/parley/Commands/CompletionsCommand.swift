import Arguments

/// `parley completions bash|zsh|fish`
enum CompletionsCommand: Subcommand {
    private static let shells = CompletionScript.Shell.allCases.map(\.rawValue)
    private static let shell = Positional.one(
        "bash|zsh|fish", help: "The shell to complete for.", completion: .words(shells),
        convert: Values.word(of: shells))

    static let declaration = CommandDeclaration(
        "completions", section: Section.running, summary: "print a shell's completion script",
        positionals: [shell.declaration],
        examples: [
            .init("source <(parley completions bash)", "Complete in this shell."),
            .init("parley completions fish > ~/.config/fish/completions/parley.fish", "Complete in every new fish."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let chosen = CompletionScript.Shell(rawValue: arguments[shell])!
        try console.output.write(CompletionScript(Catalogue.program).text(for: chosen))
        return .done
    }
}
