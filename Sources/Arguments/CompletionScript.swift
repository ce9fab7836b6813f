/// Shell completions made from the declarations: commands, options, and the values that are words, files or directories.
public struct CompletionScript {
    public enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

    let program: ProgramDeclaration

    public init(_ program: ProgramDeclaration) { self.program = program }

    /// A script for the shell to source.
    public func text(for shell: Shell) -> String {
        switch shell {
        case .bash: bash()
        case .zsh: zsh()
        case .fish: fish()
        }
    }

    var names: [String] { program.commands.map(\.name) }

    /// Long names of the options of every command.
    var globalFlags: [String] { program.options.map { "--\($0.name)" } + ["--help"] }

    /// Long names of those of them that take a value, to be skipped in search of the command.
    var skippedFlags: [String] { program.options.filter { $0.kind != .flag }.map { "--\($0.name)" }.sorted() }
}
