import Arguments
import Testing

struct ValuesTests {
    @Test func aTimeIsANumberWithItsUnit() throws {
        #expect(try Values.duration("500ms") == .milliseconds(500))
        #expect(try Values.duration("5s") == .seconds(5))
        #expect(try Values.duration("1.5s") == .milliseconds(1500))
        #expect(try Values.duration("2m") == .seconds(120))
        #expect(try Values.duration("1h") == .seconds(3600))
        #expect(try Values.duration("0s") == .zero)
        for text in ["", "5", "s", "5 s", "-5s", "1.2.3s", "nans", "infs", "1e3s", ".5s", "99999999999999999h"] {
            #expect(throws: ConversionError.self, "\(text)") { try Values.duration(text) }
        }
    }

    @Test func aNumberKeepsWithinItsBounds() throws {
        let read = Values.integer(in: 1...500)
        #expect(try read("1") == 1)
        #expect(try read("500") == 500)
        for text in ["0", "501", "", "x", "1.0", "99999999999999999999"] {
            #expect(throws: ConversionError.self, "\(text)") { try read(text) }
        }
    }
}

struct ExitCodeTests {
    @Test func theNumbersAreThoseOfThePublicInterface() {
        #expect(
            ExitCode.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 69, 70, 73, 74, 75, 77, 78, 130, 143])
    }
}

struct HelpTests {
    private func help(_ line: String) throws -> String {
        guard case .help(let text) = try Sample.parse(line) else { return "" }
        return text
    }

    @Test func theHelpOfACommandNamesEveryOptionItsDefaultAndAnExample() throws {
        let text = try help("say --help")
        for part in [
            "Usage: sample say --as M [options] [PLACE] TEXT", "--as M", "required", "--tag T", "--wait TIME",
            "default: none", "--data DIR", "default: here", "variable: SAMPLE_DATA", "Says hello.", "It is said once.",
        ] {
            #expect(text.contains(part), "\(part)")
        }
    }

    @Test func theHelpOfTheProgramListsCommandsBySectionAndEveryExitCode() throws {
        let text = try help("--help")
        for part in ["Talking:\n  say", "Looking:\n  show", "64 ", "143 "] { #expect(text.contains(part), "\(part)") }
    }

    @Test func noLineIsWiderThanAHundredColumns() throws {
        for line in ["--help", "say --help", "show --help"] {
            for row in try help(line).split(separator: "\n") { #expect(row.count <= 100, "\(row)") }
        }
    }
}

struct CompletionTests {
    @Test func everyShellIsToldEveryCommandAndOption() {
        let script = CompletionScript(Sample.program)
        for shell in CompletionScript.Shell.allCases {
            let text = script.text(for: shell)
            for word in ["say", "show", "tag", "wait", "data", "json"] {
                #expect(text.contains(word), "\(shell) \(word)")
            }
        }
    }

    @Test func quotesInHelpDoNotEndTheShellsText() {
        let script = CompletionScript(Sample.program)
        #expect(script.text(for: .zsh).contains(#"it'\''s"#))
        #expect(script.text(for: .fish).contains(#"it\'s"#))
    }
}
