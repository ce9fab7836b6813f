/// Shell completions made from the declarations: commands, options, and the values that are words, files or directories.
public struct CompletionScript {
    public enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

    private let program: ProgramDeclaration

    public init(_ program: ProgramDeclaration) { self.program = program }

    /// A script for the shell to source.
    public func text(for shell: Shell) -> String {
        switch shell {
        case .bash: bash()
        case .zsh: zsh()
        case .fish: fish()
        }
    }

    private var names: [String] { program.commands.map(\.name) }

    // MARK: - bash

    private func bash() -> String {
        let skipped = Set(program.options.filter { $0.kind != .flag }.map { "--\($0.name)" }).sorted()
        var text = """
            # bash completion of \(program.name): source this file, or put it into ~/.local/share/bash-completion/completions
            _\(program.name)() {
                local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="" index
                for ((index = 1; index < COMP_CWORD; index++)); do
                    case "${COMP_WORDS[index]}" in
                        \(skipped.joined(separator: "|"))) ((index++)) ;;
                        -*) ;;
                        *) command="${COMP_WORDS[index]}"; break ;;
                    esac
                done
                COMPREPLY=()
                case "$command $previous" in

            """
        for option in program.options where option.kind != .flag {
            text += "        *\" --\(option.name)\") \(bashReply(option.completion)); return ;;\n"
        }
        for command in program.commands {
            for option in command.options where option.kind != .flag {
                text += "        \"\(command.name) --\(option.name)\") \(bashReply(option.completion)); return ;;\n"
            }
        }
        text += "    esac\n    case \"$command\" in\n"
        text += "        \"\") \(bashReply(.words(names + globalFlags))) ;;\n"
        for command in program.commands { text += bashCase(command) }
        text += "    esac\n}\ncomplete -F _\(program.name) \(program.name)\n"
        return text
    }

    private func bashCase(_ command: CommandDeclaration) -> String {
        let flags = (command.options.map { "--\($0.name)" } + globalFlags).joined(separator: " ")
        var words: [String] = []
        var paths: Completion = .nothing
        for positional in command.positionals {
            switch positional.completion {
            case .words(let list): words += list
            case .file, .directory: paths = positional.completion
            case .nothing: break
            }
        }
        return """
                    \(command.name))
                        case "$current" in
                            -*) COMPREPLY=($(compgen -W "\(flags)" -- "$current")) ;;
                            *) \(bashReply(words.isEmpty ? paths : .words(words))) ;;
                        esac ;;

            """
    }

    private func bashReply(_ completion: Completion) -> String {
        switch completion {
        case .nothing: ":"
        case .file: "COMPREPLY=($(compgen -f -- \"$current\"))"
        case .directory: "COMPREPLY=($(compgen -d -- \"$current\"))"
        case .words(let words): "COMPREPLY=($(compgen -W \"\(words.joined(separator: " "))\" -- \"$current\"))"
        }
    }

    private var globalFlags: [String] { program.options.map { "--\($0.name)" } + ["--help"] }

    // MARK: - zsh

    private func zsh() -> String {
        var text = """
            #compdef \(program.name)
            # zsh completion of \(program.name): put this file as _\(program.name) into a directory of $fpath
            _\(program.name)() {
                local context state line
                local -a commands
                commands=(
            \(program.commands.map { "        \(zshQuote("\($0.name):\($0.summary)"))" }.joined(separator: "\n"))
                )
                _arguments -C \\
            \(program.options.map { "        \(zshOption($0)) \\" }.joined(separator: "\n"))
                    '(-h --help)'{-h,--help}'[print help]' \\
                    '--version[print the version]' \\
                    '1: :->command' \\
                    '*:: :->arguments'
                case "$state" in
                    command) _describe command commands ;;
                    arguments)
                        case "$words[1]" in

            """
        for command in program.commands {
            let options = (command.options + program.options).map(zshOption)
            let places = command.positionals.map { positional in
                let colons =
                    switch positional.arity {
                    case .one: ":"
                    case .optional: "::"
                    case .many: "*:"
                    }
                return zshQuote("\(colons)\(zshText(positional.name)):\(zshAction(positional.completion))")
            }
            let words = options + ["'(-h --help)'{-h,--help}'[print help]'"] + places
            text += "                \(command.name)) _arguments \(words.joined(separator: " ")) ;;\n"
        }
        text += "            esac ;;\n    esac\n}\n_\(program.name) \"$@\"\n"
        return text
    }

    private func zshOption(_ option: OptionDeclaration) -> String {
        let star = option.kind == .list ? "*" : ""
        let head = "\(star)--\(option.name)\(option.kind == .flag ? "" : "=")[\(zshText(option.help))]"
        guard option.kind != .flag else { return zshQuote(head) }
        return zshQuote("\(head):\(zshText(option.placeholder)):\(zshAction(option.completion))")
    }

    private func zshAction(_ completion: Completion) -> String {
        switch completion {
        case .nothing: " "
        case .file: "_files"
        case .directory: "_files -/"
        case .words(let words): "(\(words.joined(separator: " ")))"
        }
    }

    /// Text within a specification of `_arguments`, where colons and brackets have a meaning.
    private func zshText(_ text: String) -> String {
        var result = ""
        for character in text {
            if character == ":" || character == "[" || character == "]" { result.append("\\") }
            result.append(character)
        }
        return result
    }

    private func zshQuote(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    // MARK: - fish

    private func fish() -> String {
        var text = "# fish completion of \(program.name): put this file into ~/.config/fish/completions\n"
        text += "complete -c \(program.name) -f\n"
        text += "complete -c \(program.name) -s h -l help -d 'print help'\n"
        for option in program.options { text += fishOption(option, command: nil) }
        for command in program.commands {
            text += "complete -c \(program.name) -n __fish_use_subcommand -a \(command.name)"
            text += " -d \(fishQuote(command.summary))\n"
            for option in command.options { text += fishOption(option, command: command.name) }
            for positional in command.positionals where positional.completion != .nothing {
                text += "complete -c \(program.name) -n '__fish_seen_subcommand_from \(command.name)'"
                text += "\(fishAction(positional.completion))\n"
            }
        }
        return text
    }

    private func fishOption(_ option: OptionDeclaration, command: String?) -> String {
        let condition = command.map { " -n '__fish_seen_subcommand_from \($0)'" } ?? ""
        let value = option.kind == .flag ? "" : " -r" + fishAction(option.completion)
        return "complete -c \(program.name)\(condition) -l \(option.name)\(value) -d \(fishQuote(option.help))\n"
    }

    private func fishAction(_ completion: Completion) -> String {
        switch completion {
        case .nothing: ""
        case .file: " -F"
        case .directory: " -a '(__fish_complete_directories)'"
        case .words(let words): " -a '\(words.joined(separator: " "))'"
        }
    }

    private func fishQuote(_ text: String) -> String {
        var result = "'"
        for character in text {
            if character == "'" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "'"
    }
}
