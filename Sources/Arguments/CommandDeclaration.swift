/// A subcommand: what its help says, what the shell completes, what the parser accepts.
public struct CommandDeclaration: Sendable {
    /// A command line that works as shown, and what it does.
    public struct Example: Sendable {
        public let command: String
        public let explanation: String

        public init(_ command: String, _ explanation: String) {
            self.command = command
            self.explanation = explanation
        }
    }

    public let name: String
    /// The heading under which the program's help lists it.
    public let section: String
    /// One line, a verb first.
    public let summary: String
    /// Paragraphs after the usage line; each is wrapped.
    public let discussion: [String]
    public let positionals: [PositionalDeclaration]
    public let options: [OptionDeclaration]
    public let examples: [Example]

    /// - Precondition: there is at least one example.
    public init(
        _ name: String, section: String, summary: String, discussion: [String] = [],
        positionals: [PositionalDeclaration] = [], options: [OptionDeclaration] = [], examples: [Example]
    ) {
        precondition(!examples.isEmpty, "every command shows an example")
        self.name = name
        self.section = section
        self.summary = summary
        self.discussion = discussion
        self.positionals = positionals
        self.options = options
        self.examples = examples
    }
}

/// The whole command line: the options of every command, and the commands.
public struct ProgramDeclaration: Sendable {
    public let name: String
    public let version: String
    /// One sentence.
    public let summary: String
    /// Options that every command takes, before its name or after.
    public let options: [OptionDeclaration]
    public let commands: [CommandDeclaration]
    /// The name of the global option that names the configuration file.
    public let configurationOption: String
    /// Keys of the configuration that are not options.
    public let families: [KeyFamily]

    public init(
        name: String, version: String, summary: String, options: [OptionDeclaration], commands: [CommandDeclaration],
        configurationOption: String, families: [KeyFamily] = []
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.options = options
        self.commands = commands
        self.configurationOption = configurationOption
        self.families = families
    }

    /// What may stand in the configuration file: options of every command and of single ones, if they have a variable.
    public var configurationKeys: [String] {
        var keys: [String] = []
        for option in options + commands.flatMap(\.options)
        where option.variable != nil && option.name != configurationOption && !keys.contains(option.name) {
            keys.append(option.name)
        }
        return keys
    }
}
