/// Reads a command line against its declarations. Pure: the environment and the file's bytes are the caller's.
public struct ArgumentParser {
    private let program: ProgramDeclaration
    private let environment: [String: String]
    private let readFile: (String) throws(ArgumentsError) -> [UInt8]
    private var command: CommandDeclaration?
    private var texts: [String: [String]] = [:]
    private var words: [String] = []

    /// - Parameters:
    ///   - environment: the variables of the process.
    ///   - readFile: gives the bytes of the configuration file; throws `configuration` when it cannot.
    public init(
        _ program: ProgramDeclaration, environment: [String: String],
        readFile: @escaping (String) throws(ArgumentsError) -> [UInt8]
    ) {
        self.program = program
        self.environment = environment
        self.readFile = readFile
    }

    /// - Parameter arguments: without the program's name.
    /// - Returns: what is asked, every value read and within its bounds.
    public mutating func parse(_ arguments: [String]) throws(ArgumentsError) -> Invocation {
        guard !arguments.isEmpty else { return .nothingAsked(HelpText(program).ofProgram()) }
        (command, texts, words) = (nil, [:], [])
        var rest = arguments[...]
        var onlyWords = false
        while let argument = rest.popFirst() {
            if onlyWords || argument == "-" || !argument.hasPrefix("-") {
                try take(word: argument, afterDashes: onlyWords)
            } else if argument == "--" {
                onlyWords = true
            } else if argument == "--help" || argument == "-h" {
                return .help(command.map { HelpText(program).ofCommand($0) } ?? HelpText(program).ofProgram())
            } else if argument == "--version", command == nil {
                return .version("\(program.name) \(program.version)")
            } else {
                try take(option: argument, rest: &rest)
            }
        }
        guard let command else {
            throw ArgumentsError(
                .missingArgument, "no command: after \"\(arguments.joined(separator: " "))\": \(seeHelp)")
        }
        return .run(command: command, arguments: try readValues(of: command))
    }

    // MARK: - Taking words and options

    private mutating func take(word: String, afterDashes: Bool) throws(ArgumentsError) {
        if command != nil {
            words.append(word)
            return
        }
        guard let found = program.commands.first(where: { $0.name == word }) else {
            let near = Suggestions.clause(for: word, among: program.commands.map(\.name))
            throw ArgumentsError(.unknownCommand, "unknown command: \"\(word)\"\(near): \(seeHelp)")
        }
        command = found
    }

    private mutating func take(
        option argument: String, rest: inout ArraySlice<String>
    ) throws(ArgumentsError) {
        let equals = argument.firstIndex(of: "=")
        let name = String((equals.map { argument[..<$0] } ?? argument[...]).drop { $0 == "-" })
        guard argument.hasPrefix("--"), let option = declared(name) else { throw unknown(argument, name: name) }
        var value = equals.map { String(argument[argument.index(after: $0)...]) }
        if option.kind == .flag {
            guard value == nil else {
                throw ArgumentsError(.unexpectedValue, "\(place)--\(name): takes no value: leave out \"=\(value!)\"")
            }
            value = "true"
        } else if value == nil {
            guard let next = rest.popFirst() else {
                throw ArgumentsError(
                    .missingValue, "\(place)--\(name): needs a value: write --\(name) \(option.placeholder)")
            }
            value = next
        }
        texts[name, default: []].append(value ?? "")
    }

    private func declared(_ name: String) -> OptionDeclaration? {
        (program.options + (command?.options ?? [])).first { $0.name == name }
    }

    private func unknown(_ argument: String, name: String) -> ArgumentsError {
        let known = program.options + (command?.options ?? [])
        if command == nil, let owner = program.commands.first(where: { $0.options.contains { $0.name == name } }) {
            return ArgumentsError(
                .unknownOption,
                "unknown option: \(argument): belongs to commands such as \(owner.name): write it after the command")
        }
        let near = Suggestions.clause(for: name, among: known.map(\.name) + ["help", "version"], prefix: "--")
        return ArgumentsError(.unknownOption, "\(place)unknown option: \(argument)\(near): \(seeHelp)")
    }

    // MARK: - From texts to values

    private func readValues(of command: CommandDeclaration) throws(ArgumentsError) -> ParsedArguments {
        var parsed = ParsedArguments()
        let file = try readConfiguration()
        for option in program.options + command.options {
            var given = texts[option.name]
            var source = ParsedArguments.Source.commandLine
            if given == nil, let variable = option.variable, let text = environment[variable], !text.isEmpty {
                (given, source) = ([text], .variable(variable))
            }
            if given == nil, option.variable != nil, let file,
                let text = file.contents.entries.first(where: { $0.key == option.name })?.value
            {
                (given, source) = ([text], .file(file.path))
            }
            if given != nil { parsed.sources[option.name] = source }
            parsed.options[option.name] = try value(of: option, texts: given ?? [], source: source)
        }
        for family in program.families {
            parsed.families[family.prefix] = family.values(environment: environment, file: file?.contents)
        }
        try assignWords(of: command, to: &parsed)
        return parsed
    }

    private func value(
        of option: OptionDeclaration, texts: [String], source: ParsedArguments.Source
    ) throws(ArgumentsError) -> any Sendable {
        if option.isRequired, texts.isEmpty {
            throw ArgumentsError(
                .missingValue, "\(place)--\(option.name): is missing: add --\(option.name) \(option.placeholder)")
        }
        do {
            return try option.convert(texts)
        } catch {
            let text = texts.last ?? ""
            switch source {
            case .commandLine:
                throw ArgumentsError(.badValue, "\(place)--\(option.name): \"\(text)\" \(error.reason): \(seeHelp)")
            case .variable(let name):
                throw ArgumentsError(
                    .configuration, "configuration: \(name): \"\(text)\" \(error.reason): set it right or unset it")
            case .file(let path):
                let name = option.name
                throw ArgumentsError(
                    .configuration, "configuration: \(path): \(name): \"\(text)\" \(error.reason): mend the file")
            }
        }
    }

    /// Arguments that must be given come first to their right; those that may be left out take what is over, from the left.
    private func assignWords(
        of command: CommandDeclaration, to parsed: inout ParsedArguments
    ) throws(ArgumentsError) {
        var spare = words.count - command.positionals.count { $0.arity == .one }
        var rest = words[...]
        for positional in command.positionals {
            if positional.arity == .many {
                var values: [any Sendable] = []
                for text in rest { values.append(try convert(text, positional)) }
                parsed.lists[positional.name] = values
                rest = []
                continue
            }
            var text: String?
            if positional.arity == .one {
                text = rest.popFirst()
                guard text != nil else {
                    throw ArgumentsError(
                        .missingArgument, "\(place)\(positional.name): is missing: \(HelpText.usage(program, command))")
                }
            } else if spare > 0 {
                text = rest.popFirst()
                spare -= 1
            }
            parsed.positionals[positional.name] = try convert(text, positional)
        }
        if let extra = rest.first {
            throw ArgumentsError(
                .tooManyArguments,
                "\(place)\"\(extra)\": is one argument too many: \(HelpText.usage(program, command))")
        }
    }

    private func convert(
        _ text: String?, _ positional: PositionalDeclaration
    ) throws(ArgumentsError) -> any Sendable {
        do {
            return try positional.convert(text)
        } catch {
            throw ArgumentsError(
                .badValue, "\(place)\(positional.name): \"\(text ?? "")\" \(error.reason): \(seeHelp)")
        }
    }

    private func readConfiguration() throws(ArgumentsError) -> (path: String, contents: ConfigurationFile)? {
        guard let option = program.options.first(where: { $0.name == program.configurationOption }) else { return nil }
        let variable = option.variable.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 }
        guard let path = texts[option.name]?.last ?? variable else { return nil }
        let contents = try ConfigurationFile(try readFile(path), name: path)
        let known = program.configurationKeys
        for (key, _) in contents.entries
        where !known.contains(key) && !program.families.contains(where: { $0.covers(key) }) {
            let near = Suggestions.clause(for: key, among: known)
            throw ArgumentsError(
                .configuration,
                "configuration: \(path): unknown key \"\(key)\"\(near): known are \(known.joined(separator: ", "))")
        }
        return (path, contents)
    }

    private var place: String { command.map { "\($0.name): " } ?? "" }

    private var seeHelp: String { "see \(program.name) \(command.map { "\($0.name) " } ?? "")--help" }
}
