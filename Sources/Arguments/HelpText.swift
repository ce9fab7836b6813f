/// The help of the program and of each command, made from the declarations.
struct HelpText {
    private static let width = 100
    private let program: ProgramDeclaration

    init(_ program: ProgramDeclaration) { self.program = program }

    func ofProgram() -> String {
        var text = "\(program.name): \(program.summary)\n\nUsage: \(program.name) COMMAND [options]\n"
        var sections: [String] = []
        for command in program.commands where !sections.contains(command.section) { sections.append(command.section) }
        for section in sections {
            let rows = program.commands.filter { $0.section == section }.map { ($0.name, $0.summary) }
            text += "\n\(section):\n" + Self.table(rows)
        }
        text += "\nOptions of every command, before its name or after:\n" + Self.table(globalRows)
        text += "\nA flag beats its variable, the variable beats the configuration file.\n"
        for family in program.families {
            text += Self.wrap(
                "\(family.prefix)* in the configuration file, \(family.variablePrefix)* as variables: \(family.help)",
                indent: 0)
        }
        text += "\nExit codes:\n" + Self.table(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
        text += "\nHelp on one command, with examples: \(program.name) COMMAND --help\n"
        return text
    }

    func ofCommand(_ command: CommandDeclaration) -> String {
        var text = "\(program.name) \(command.name): \(command.summary)\n\n\(Self.usage(program, command))\n"
        for paragraph in command.discussion { text += "\n" + Self.wrap(paragraph, indent: 0) }
        if !command.positionals.isEmpty {
            text += "\nArguments:\n" + Self.table(command.positionals.map { ($0.name, $0.help) })
        }
        if !command.options.isEmpty { text += "\nOptions:\n" + Self.table(command.options.map(row)) }
        text += "\nOptions of every command:\n" + Self.table(globalRows)
        text += "\nExamples:\n"
        for example in command.examples {
            text += "  \(example.command)\n" + Self.wrap(example.explanation, indent: 6)
        }
        return text
    }

    /// One line: `Usage: parley append [options] FILE|-`.
    static func usage(_ program: ProgramDeclaration, _ command: CommandDeclaration) -> String {
        var words = ["Usage:", program.name, command.name]
        for option in command.options where option.isRequired { words.append("--\(option.name) \(option.placeholder)") }
        words.append("[options]")
        for positional in command.positionals {
            switch positional.arity {
            case .one: words.append(positional.name)
            case .optional: words.append("[\(positional.name)]")
            case .many: words.append("[\(positional.name)...]")
            }
        }
        return words.joined(separator: " ")
    }

    private var globalRows: [(String, String)] {
        program.options.map(row) + [
            ("--help, -h", "Print help, of the command when one is named, and exit 0."),
            ("--version", "Print the version and exit 0; without a command only."),
        ]
    }

    private func row(_ option: OptionDeclaration) -> (String, String) {
        let left = option.placeholder.isEmpty ? "--\(option.name)" : "--\(option.name) \(option.placeholder)"
        var notes: [String] = []
        if option.isRequired { notes.append("required") }
        if let text = option.defaultText { notes.append("default: \(text)") }
        if let variable = option.variable { notes.append("variable: \(variable)") }
        return (left, notes.isEmpty ? option.help : "\(option.help) (\(notes.joined(separator: "; ")))")
    }

    static func table(_ rows: [(String, String)]) -> String {
        let column = min(26, (rows.map { $0.0.count }.max() ?? 0) + 4)
        var text = ""
        for (left, right) in rows {
            let wrapped = wrap(right, indent: column)
            if left.count + 3 > column {
                text += "  \(left)\n\(wrapped)"
            } else {
                text += "  " + left + wrapped.dropFirst(2 + left.count)
            }
        }
        return text
    }

    static func wrap(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, indent + line.count + 1 + word.count > width {
                lines.append(margin + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        lines.append(margin + line)
        return lines.joined(separator: "\n") + "\n"
    }
}
