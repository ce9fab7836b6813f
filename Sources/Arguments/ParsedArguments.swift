/// A command line that fits its declarations: every value has been read, so asking for one cannot fail.
public struct ParsedArguments: Sendable {
    var options: [String: any Sendable] = [:]
    var positionals: [String: any Sendable] = [:]
    /// By the families' prefixes.
    var families: [String: [String: String]] = [:]
    var lists: [String: [any Sendable]] = [:]
    /// Where each option's value comes from; options left to their defaults are absent.
    var sources: [String: Source] = [:]

    /// Where a value was given.
    public enum Source: Sendable, Equatable {
        case commandLine
        case variable(String)
        case file(String)

        /// A value the user must mend there: on the command line wrong usage, elsewhere wrong configuration.
        public var exitCode: ExitCode { self == .commandLine ? .wrongUsage : .wrongConfiguration }
    }

    /// - Precondition: the option is declared by this command or by the program.
    public subscript<Value>(option: Option<Value>) -> Value {
        guard let value = options[option.declaration.name] as? Value else {
            preconditionFailure("--\(option.declaration.name) is not declared by this command")
        }
        return value
    }

    /// - Precondition: the argument is declared by this command.
    /// The values of an argument that may be given any number of times, in order.
    public subscript<Element>(positional: Positional<[Element]>) -> [Element] {
        guard let values = lists[positional.declaration.name] as? [Element] else {
            preconditionFailure("\(positional.declaration.name) is not declared by this command")
        }
        return values
    }

    public subscript<Value>(positional: Positional<Value>) -> Value {
        guard let value = positionals[positional.declaration.name] as? Value else {
            preconditionFailure("\(positional.declaration.name) is not declared by this command")
        }
        return value
    }

    /// The keys and values of a family, without its prefix.
    /// - Precondition: the family is declared by the program.
    public subscript(family: KeyFamily) -> [String: String] {
        guard let values = families[family.prefix] else {
            preconditionFailure("\(family.prefix)* is not declared by the program")
        }
        return values
    }

    /// Where the value was given; `nil` when it is the default.
    public func source<Value>(of option: Option<Value>) -> Source? { sources[option.declaration.name] }
}

/// What a command line asks for.
public enum Invocation: Sendable {
    /// Help was asked for; data, so it goes to standard output.
    case help(String)
    /// Nothing was asked: the help text, with the exit code of wrong usage.
    case nothingAsked(String)
    case version(String)
    case run(command: CommandDeclaration, arguments: ParsedArguments)
}
