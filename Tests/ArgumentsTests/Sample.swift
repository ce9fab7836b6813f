import Arguments

/// A small program that has every kind of option and argument.
enum Sample {
    static let data = Option.value(
        "data", placeholder: "DIR", default: "here", defaultText: "here", help: "Where.", completion: .directory,
        variable: "SAMPLE_DATA", convert: Values.nonEmpty)
    static let count = Option.value(
        "count", placeholder: "N", default: 7, defaultText: "7", help: "How many.", variable: "SAMPLE_COUNT",
        convert: Values.integer(in: 1...500))
    static let config = Option<String?>.optional(
        "config", placeholder: "FILE", help: "A file.", completion: .file, variable: "SAMPLE_CONFIG",
        convert: Values.nonEmpty)
    static let json = Option.flag("json", help: "As JSON.")

    static let actor = Option.required("as", placeholder: "M", help: "Who.", convert: Values.nonEmpty)
    static let tags = Option.list("tag", placeholder: "T", help: "A tag.", convert: Values.text)
    static let wait = Option<Duration?>.optional(
        "wait", placeholder: "TIME", help: "How long it's allowed to take.", convert: Values.duration)
    static let place = Positional.optional("PLACE", help: "Where to.", convert: Values.text)
    static let text = Positional.one("TEXT", help: "What.", convert: Values.text)
    static let file = Positional.one("FILE|-", help: "A file.", completion: .file, convert: Values.text)

    static let say = CommandDeclaration(
        "say", section: "Talking", summary: "say something", discussion: ["It is said once."],
        positionals: [place.declaration, text.declaration],
        options: [actor.declaration, tags.declaration, wait.declaration],
        examples: [.init("sample say --as me hello", "Says hello.")])
    static let show = CommandDeclaration(
        "show", section: "Looking", summary: "show a file", positionals: [file.declaration],
        examples: [.init("sample show -", "Shows standard input.")])

    static let program = ProgramDeclaration(
        name: "sample", version: "1.2.3", summary: "a sample.",
        options: [data.declaration, count.declaration, config.declaration, json.declaration],
        commands: [say, show], configurationOption: "config")

    /// Parses a line split at blanks.
    static func parse(
        _ line: String, environment: [String: String] = [:], file: String = ""
    ) throws -> Invocation {
        try parse(line.split(separator: " ").map(String.init), environment: environment, file: file)
    }

    static func parse(
        _ words: [String], environment: [String: String] = [:], file: String = ""
    ) throws -> Invocation {
        var parser = ArgumentParser(program, environment: environment) { (_) in Array(file.utf8) }
        return try parser.parse(words)
    }

    /// The values of a line that must run a command.
    static func values(
        _ line: String, environment: [String: String] = [:], file: String = ""
    ) throws -> ParsedArguments {
        guard case .run(_, let arguments) = try parse(line, environment: environment, file: file) else {
            throw ArgumentsError(.missingArgument, "\(line) runs nothing")
        }
        return arguments
    }

    /// The error of a line that must be refused.
    static func error(
        _ line: String, environment: [String: String] = [:], file: String = ""
    ) -> ArgumentsError? {
        do {
            _ = try parse(line, environment: environment, file: file)
            return nil
        } catch {
            return error as? ArgumentsError
        }
    }
}
