import Arguments
import Testing

struct ArgumentParserTests {
    @Test func valuesFollowTheirOptionAfterABlankOrAnEqualsSign() throws {
        #expect(try Sample.values("say --as me hello")[Sample.actor] == "me")
        #expect(try Sample.values("say --as=me hello")[Sample.actor] == "me")
        #expect(try Sample.values("say --as=a=b hello")[Sample.actor] == "a=b")
    }

    @Test func globalOptionsStandBeforeTheCommandOrAfterIt() throws {
        for line in ["--count 9 --json show x", "show --count 9 x --json", "--json show x --count=9"] {
            let values = try Sample.values(line)
            #expect(values[Sample.count] == 9)
            #expect(values[Sample.json])
        }
    }

    @Test func whatIsNotGivenHasItsDefault() throws {
        let values = try Sample.values("say --as me hello")
        #expect(values[Sample.count] == 7)
        #expect(!values[Sample.json])
        #expect(values[Sample.wait] == nil)
        #expect(values[Sample.tags].isEmpty)
        #expect(values[Sample.place] == nil)
        #expect(values.source(of: Sample.count) == nil)
    }

    @Test func aListGathersAndTheLastOfSeveralValuesHolds() throws {
        let values = try Sample.values("say --as me --tag a --as you --tag=b hello")
        #expect(values[Sample.tags] == ["a", "b"])
        #expect(values[Sample.actor] == "you")
    }

    @Test func anArgumentThatMayBeLeftOutIsFilledOnlyWhenThereIsOneOver() throws {
        let one = try Sample.values("say --as me hello")
        #expect(one[Sample.text] == "hello")
        let two = try Sample.values("say --as me there hello")
        #expect(two[Sample.place] == "there")
        #expect(two[Sample.text] == "hello")
    }

    @Test func afterTwoDashesEverythingIsAnArgument() throws {
        let values = try Sample.values("say --as me -- --tag -h")
        #expect(values[Sample.place] == "--tag")
        #expect(values[Sample.text] == "-h")
    }

    @Test func aSingleDashIsAnArgument() throws {
        #expect(try Sample.values("show -")[Sample.file] == "-")
    }

    @Test func everyWrongLineIsRefusedWithItsCode() {
        let lines: [(String, ArgumentsError.Code)] = [
            ("sya hello", .unknownCommand), ("--jsom show x", .unknownOption), ("show --tag x y", .unknownOption),
            ("--tag x say hello", .unknownOption), ("show -x", .unknownOption), ("show x --data", .missingValue),
            ("say hello", .missingValue), ("show x --json=true", .unexpectedValue), ("show", .missingArgument),
            ("--json", .missingArgument), ("show a b", .tooManyArguments), ("show x --count 0", .badValue),
            ("show x --count 501", .badValue), ("show x --count 1e2", .badValue), ("say --as me --wait 5 x", .badValue),
            ("show x --data=", .badValue),
        ]
        for (line, code) in lines {
            let error = Sample.error(line)
            #expect(error?.code == code, "\(line): \(String(describing: error))")
            #expect(error?.exitCode == .wrongUsage)
        }
    }

    @Test func aWordNearAKnownOneIsSuggested() {
        #expect(Sample.error("sya hello")?.message.contains("did you mean \"say\"") == true)
        #expect(Sample.error("show x --jsno")?.message.contains("did you mean \"--json\"") == true)
        #expect(Sample.error("show x --conf y")?.message.contains("did you mean \"--config\"") == true)
        #expect(Sample.error("show x --quux y")?.message.contains("did you mean") == false)
    }

    @Test func anOptionOfACommandBeforeItIsExplained() {
        #expect(Sample.error("--tag x say hello")?.message.contains("after the command") == true)
    }

    @Test func helpIsAskedForAnywhereAndWithoutAnyThingElseBeingRight() throws {
        for line in ["--help", "-h", "say --help", "say -h --count", "--count x say --help"] {
            guard case .help = try Sample.parse(line) else {
                Issue.record("\(line) is not answered with help")
                continue
            }
        }
        guard case .nothingAsked(let text) = try Sample.parse([]) else {
            Issue.record("an empty line is not answered with help")
            return
        }
        #expect(text.contains("Usage: sample COMMAND"))
    }

    @Test func theVersionIsAskedForWithoutACommandOnly() throws {
        guard case .version(let text) = try Sample.parse("--version") else {
            Issue.record("no version")
            return
        }
        #expect(text == "sample 1.2.3")
        #expect(Sample.error("show --version x")?.code == .unknownOption)
    }
}

struct ConfigurationTests {
    @Test func aFlagBeatsAVariableAndAVariableBeatsTheFile() throws {
        let environment = ["SAMPLE_COUNT": "20", "SAMPLE_CONFIG": "f"]
        let file = "count = 30\ndata = there\n"
        let all = try Sample.values("show x --count 10", environment: environment, file: file)
        #expect(all[Sample.count] == 10)
        #expect(all.source(of: Sample.count) == .commandLine)
        let variable = try Sample.values("show x", environment: environment, file: file)
        #expect(variable[Sample.count] == 20)
        #expect(variable[Sample.data] == "there")
        #expect(variable.source(of: Sample.data) == .file("f"))
        #expect(try Sample.values("show x --config f", file: file)[Sample.count] == 30)
    }

    @Test func anEmptyVariableIsAsGoodAsNone() throws {
        #expect(try Sample.values("show x", environment: ["SAMPLE_COUNT": ""])[Sample.count] == 7)
    }

    @Test func wrongConfigurationIsToldApartFromWrongUsage() {
        let wrong: [(environment: [String: String], file: String)] = [
            (["SAMPLE_COUNT": "ten"], ""), ([:], "count = ten"), ([:], "cuont = 1"), ([:], "count"),
            ([:], "count = 1\ncount = 2"), ([:], "{\"count\": ["), ([:], "{\"count\": [1]}"), ([:], "{\"count\": 1} x"),
            ([:], "{\"data\": \"\\u0041\"}"), ([:], "config = other"),
        ]
        for (environment, file) in wrong {
            let error = Sample.error("show x --config f", environment: environment, file: file)
            #expect(error?.exitCode == .wrongConfiguration, "\(environment) \(file)")
        }
        let near = Sample.error("show x --config f", file: "cuont = 1")
        #expect(near?.message.contains("did you mean \"count\"") == true)
    }

    @Test func aFileIsLinesOrJSON() throws {
        let lines = try ConfigurationFile(
            Array("# a comment\n\n data=there \r\ncount = \"30\"\nx = a = b\n".utf8), name: "f")
        #expect(lines.entries.map(\.key) == ["data", "count", "x"])
        #expect(lines.entries.map(\.value) == ["there", "30", "a = b"])
        let json = try ConfigurationFile(
            Array(#" {"data" : "a\"b\\", "count":30, "kafka": {"acks":"all", "idle":{}}, "on":true} "#.utf8), name: "f")
        #expect(json.entries.map(\.key) == ["data", "count", "kafka.acks", "on"])
        #expect(json.entries.map(\.value) == ["a\"b\\", "30", "all", "true"])
    }

    @Test func aMistakeInAFileIsNamedByItsLine() {
        for (file, line) in [("a = 1\nb\n", 2), ("{\n\"a\": 1,\n\"b\": nope\n}", 3)] {
            #expect(throws: ArgumentsError.self) { try ConfigurationFile(Array(file.utf8), name: "f") }
            do {
                _ = try ConfigurationFile(Array(file.utf8), name: "f")
            } catch {
                #expect(error.message.contains("f:\(line):"))
            }
        }
    }
}
