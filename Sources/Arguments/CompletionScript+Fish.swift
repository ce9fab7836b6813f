extension CompletionScript {
    func fish() -> String {
        var text = "# fish completion of \(program.name): put this file into ~/.config/fish/completions\n"
        text += fishSearch()
        text += "complete -c \(program.name) -f\n"
        text += "complete -c \(program.name) -s h -l help -d 'print help'\n"
        for option in program.options { text += fishOption(option, command: nil) }
        for command in program.commands {
            text += "complete -c \(program.name)\(fishCondition(nil)) -a \(command.name)"
            text += " -d \(fishQuote(command.summary))\n"
            for option in command.options { text += fishOption(option, command: command.name) }
            for positional in command.positionals where positional.completion != .nothing {
                text += "complete -c \(program.name)\(fishCondition(command.name))"
                text += "\(fishAction(positional.completion))\n"
            }
        }
        return text
    }

    /// A function that prints the command on the line, if there is one yet.
    private func fishSearch() -> String {
        """
        function __\(program.name)_command
            set -l skips no
            for word in (commandline -opc)[2..]
                if test $skips = yes
                    set skips no
                    continue
                end
                switch $word
                    case \(skippedFlags.joined(separator: " "))
                        set skips yes
                    case '-*'
                    case '*'
                        echo $word
                        return
                end
            end
            echo none
        end

        """
    }

    private func fishCondition(_ command: String?) -> String {
        " -n 'test (__\(program.name)_command) = \(command ?? "none")'"
    }

    private func fishOption(_ option: OptionDeclaration, command: String?) -> String {
        let condition = command.map { fishCondition($0) } ?? ""
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
