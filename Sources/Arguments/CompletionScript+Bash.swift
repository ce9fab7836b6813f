extension CompletionScript {
    func bash() -> String {
        var text = """
            # bash completion of \(program.name): source this file, or put it into ~/.local/share/bash-completion/completions
            _\(program.name)() {
                local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="" index
                for ((index = 1; index < COMP_CWORD; index++)); do
                    case "${COMP_WORDS[index]}" in
                        \(skippedFlags.joined(separator: "|"))) ((index++)) ;;
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
}
