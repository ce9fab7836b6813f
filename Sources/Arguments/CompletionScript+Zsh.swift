extension CompletionScript {
    func zsh() -> String {
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
}
