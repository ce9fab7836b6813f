import Messaging
import Testing

@testable import Wire

/// INTERFACE, "Refused, each with the first CODE that holds".
@Suite struct CommandRefusalTests {
    func expect(_ code: Refusal.Code, _ line: String, names place: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
        expect(code, Array(line.utf8), names: place, sourceLocation: sourceLocation)
    }

    func expect(_ code: Refusal.Code, _ line: [UInt8], names place: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
        let found = refusal(line)
        #expect(found?.code == code, "\(text(Array(line.prefix(300)))): \(found?.description ?? "taken")", sourceLocation: sourceLocation)
        if !place.isEmpty {
            #expect(found?.reason.contains(place) == true, "\(found?.reason ?? "taken")", sourceLocation: sourceLocation)
        }
    }

    /// A line of `rename` whose title is these bytes between quotes.
    func titled(_ bytes: [UInt8]) -> [UInt8] {
        Array(#"{"command":"rename","actor":"\#(Sample.a)","conversation":"\#(Sample.c)","title":""#.utf8) + bytes + Array("\"}".utf8)
    }

    @Test func notText() {
        for bytes: [UInt8] in [
            [0xff], [0xc3], [0xc3, 0x28], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82], [0x00],
        ] { expect(.notText, titled(bytes)) }
        for escape in [#"\u0000"#, #"\ud800"#, #"\udc00"#, #"\uD834x"#, #"\ud834\u0041"#, #"\ud834\ud834"#, #"\ud834\n"#, #"\udd1e\ud834"#] {
            expect(.notText, titled(Array(escape.utf8)), names: "at byte")
        }
        // In a name, and outside of strings.
        expect(.notText, Sample.line("mute", #""\u0000":1"#))
        expect(.notText, Array(Sample.line("mute").utf8) + [0])
        expect(.notText, [0xff] + Array(Sample.line("mute").utf8))
        expect(.notText, [0])
        expect(.notText, [0xfe, 0xff])
        // What looks like it and is not.
        for fine in [#"\\u0000"#, #"\ud834\udd1e"#, #"\u0001"#, "\u{7f}"] { #expect(refusal(titled(Array(fine.utf8))) == nil) }
    }

    @Test func json() {
        let mute = Sample.line("mute")
        for line in [
            "", " ", "x", "null", "5", "\"text\"", "[]", "[\(mute)]", "{", "}", mute + "x", mute + mute, mute + ",", "\u{feff}" + mute,
            String(mute.dropLast()), "{'a':1}", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\":1 \"b\":2}", "{\"a\":[1,]}",
            "{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":[1}", "{\"a\":{]}", "// x\n" + mute, "{\"a\":1}/**/", "{1:2}", "{\"a\":[1,2}", "{\"a\"\"b\"}", "\u{a0}" + mute,
        ] { expect(.json, line) }
        for value in [
            "NaN", "Infinity", "-Infinity", "+1", "01", "-01", "1.", ".5", "-", "1e", "1e+", "0x10", "1_000", "--1", "1.e5", "tru", "True", "TRUE", "nul", "undefined",
            "'a'", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "\"a", "\"\t\"", "\"\n\"", "\"\u{1}\"", "\"\u{1f}\"", "\"\\\n\"", "00", "1.5.2", "é", "{\"b\":1", "[[]",
        ] { expect(.json, Sample.line("mute", "\"x\":" + value)) }
    }

    @Test func tooDeep() {
        func nested(_ count: Int) -> String { String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        expect(.tooDeep, Sample.line("mute", "\"x\":" + nested(32)), names: "33")
        expect(.unknownField, Sample.line("mute", "\"x\":" + nested(31)))
        expect(.tooDeep, Sample.line("mute", "\"x\":" + nested(100_000)))
        let objects = String(repeating: "{\"a\":", count: 40) + "1" + String(repeating: "}", count: 40)
        expect(.tooDeep, objects)
        expect(.tooDeep, Sample.line("mute", "\"x\":" + objects))
    }

    @Test func aMegabyteOfBracketsIsNotJSONAndUsesNoStack() {
        expect(.json, String(repeating: "[", count: 1 << 20))
        expect(.json, String(repeating: "{\"a\":", count: 1 << 18))
        expect(.json, "{\"a\":" + String(repeating: "[", count: 1 << 20) + "}")
        // Balanced, but a list: not an object comes before too deep.
        expect(.json, String(repeating: "[", count: 1 << 19) + String(repeating: "]", count: 1 << 19))
        expect(.tooDeep, "{\"a\":" + String(repeating: "[", count: 1 << 19) + String(repeating: "]", count: 1 << 19) + "}")
    }

    @Test func duplicateKey() {
        expect(.duplicateKey, Sample.line("mute", #""on":true"#), names: "on")
        expect(.duplicateKey, Sample.line("mute", #""\u006fn":true"#))
        expect(.duplicateKey, Sample.line("mute", #""command":"mute""#))
        expect(.duplicateKey, Sample.line("mute", #""id":null,"id":null"#))
        expect(.duplicateKey, Sample.line("mute", #""x":1,"x":1"#))
        expect(.duplicateKey, Sample.line("mute", #""x":[{"é":1,"b":2,"\u00e9":3}]"#))
        expect(.duplicateKey, Sample.line("mute", #""":1,"":1"#))
        expect(.duplicateKey, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"hello","text":"hello"}"#))
        expect(.duplicateKey, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"uri":"a","uri":"b"}]}"#))
        expect(.duplicateKey, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":{"a":1,"a":2}}"#))
        // Bytes, not what looks equal.
        expect(.unknownField, Sample.line("mute", "\"\u{e9}\":1,\"e\u{301}\":1"))
        expect(.unknownField, Sample.line("mute", #""x":{"a":1},"y":{"a":1}"#))
        // Many names take no quadratic time.
        let many = (0..<50_000).map { "\"n\($0)\":1" }.joined(separator: ",")
        expect(.unknownField, Sample.line("mute", many))
        expect(.duplicateKey, Sample.line("mute", many + ",\"n7\":1"))
    }

    @Test func unknownCommand() {
        for value in [#""Mute""#, #""mute ""#, #""""#, #""sendDirectly""#, "5", "true", "{}", #"["mute"]"#] {
            expect(.unknownCommand, Sample.line("mute", #""command":"mute""#, with: "\"command\":" + value))
        }
    }

    @Test func unknownField() {
        expect(.unknownField, Sample.line("mute", #""extra":1"#), names: "extra")
        expect(.unknownField, Sample.line("mute", #""extra":null"#))
        expect(.unknownField, Sample.line("mute", #""On":true"#))
        expect(.unknownField, Sample.line("mute", #""erased":true"#))
        expect(.unknownField, Sample.line("mute", #""content":null"#), names: "mute has no field content")
        expect(.unknownField, Sample.line("send", #""on":true"#))
        expect(.unknownField, Sample.line("edit", #""sentAt":null"#))
        expect(.unknownField, Sample.line("star", #""reaction":"x""#))
        expect(.unknownField, Sample.line("createConversation", #""members":[]"#))
        expect(.unknownField, Sample.line("archive", #""private":false"#))
        expect(.unknownField, Sample.line("send", #""to":"\#(Sample.b)""#))
        expect(.unknownField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"hello","html":""}"#), names: "html of content")
        expect(.unknownField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"uri":"a","size":1}]}"#), names: "attachments[0]")
        // A name that is content is not repeated.
        let secret = String(repeating: "secret", count: 20)
        #expect(refusal(Sample.line("mute", "\"\(secret)\":1"))?.reason.contains("secret") == false)
    }

    @Test func missingField() {
        for name in CommandName.allCases {
            for field in CommandName.forms[Int(name.rawValue)].required.list {
                // The field under another command's line is left out by giving null, then by leaving it out.
                let line = Sample.line("\(name.name)")
                guard let start = line.range(of: "\"\(field.name)\":")?.upperBound else {
                    Issue.record("\(field.name) is not in the line of \(name.name)")
                    continue
                }
                var value = JSONCursor.valueLength(of: line[start...])
                expect(.missingField, line.replacingCharacters(from: start, count: value, with: "null"), names: "\(field.name)")
                value += "\"\(field.name)\":".count
                let from = line.index(start, offsetBy: -("\"\(field.name)\":".count))
                let without = line.replacingCharacters(from: from, count: value, with: "").replacing("{,", with: "{")
                    .replacing(",,", with: ",").replacing(",}", with: "}")
                expect(.missingField, without, names: "\(field.name)")
            }
        }
        expect(.missingField, "{}", names: "command")
        expect(.missingField, Sample.line("send", #"{"text":"hello"}"#, with: "{}"), names: "content.text")
        expect(.missingField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":null,"attachments":[]}"#))
        expect(.missingField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"name":"n"}]}"#), names: "content.attachments[0].uri")
        expect(.missingField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"uri":null}]}"#))
    }

    @Test func badId() {
        for wrong in [
            #""""#, #""\#(Sample.a.dropLast())""#, #""\#(Sample.a)0""#, #""\#(Sample.a.uppercased())""#, #""{\#(Sample.a)}""#, "5", "true", "{}", "[]",
            #""\#(Sample.a.replacing("-", with: ""))""#, #""gggggggg-aaaa-aaaa-aaaa-aaaaaaaaaaaa""#,
        ] {
            expect(.badId, Sample.line("mute", #""actor":"\#(Sample.a)""#, with: "\"actor\":" + wrong), names: "actor")
            expect(.badId, Sample.line("mute", "\"id\":" + wrong), names: "id")
            expect(.badId, Sample.line("mute", #""conversation":"\#(Sample.c)""#, with: "\"conversation\":" + wrong), names: "conversation")
            expect(.badId, Sample.line("sendDirect", #""to":"\#(Sample.b)""#, with: "\"to\":" + wrong), names: "to")
            expect(.badId, Sample.line("star", #""message":"\#(Sample.d)""#, with: "\"message\":" + wrong), names: "message")
            expect(.badId, Sample.line("setModerator", #""member":"\#(Sample.b)""#, with: "\"member\":" + wrong), names: "member")
            expect(.badId, Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: #"["\#(Sample.b)",\#(wrong)]"#), names: "members[1]")
            expect(.badId, Sample.line("createConversation", "\"participants\":[\(wrong)]"), names: "participants[0]")
            expect(.badId, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"hello","mentions":[\#(wrong)]}"#), names: "content.mentions[0]")
            for (command, field) in [("send", "replyTo"), ("send", "message"), ("edit", "expectedVersion"), ("delete", "version"), ("sendDirect", "conversation")] {
                expect(.badId, Sample.line(command, "\"\(field)\":" + wrong), names: field)
            }
            expect(.badId, Sample.line("read", #""upTo":5"#, with: "\"upToMessage\":" + wrong), names: "upToMessage")
        }
        expect(.badId, Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: "[null]"))
    }

    @Test func badValueOfTypes() {
        for command in ["react", "setModerator", "close", "star", "hide", "archive", "mute"] {
            for wrong in ["0", "1", #""true""#, "{}", "[]"] {
                let on = command == "setModerator" ? #""on":false"# : #""on":true"#
                expect(.badValue, Sample.line(command, on, with: "\"on\":" + wrong), names: "on")
            }
        }
        for wrong in ["5", "true", "{}", "[]"] {
            expect(.badValue, Sample.line("rename", #""title":"T""#, with: "\"title\":" + wrong), names: "title")
            expect(.badValue, Sample.line("react", #""reaction":"+1""#, with: "\"reaction\":" + wrong), names: "reaction")
            expect(.badValue, Sample.line("delete", "\"reason\":" + wrong), names: "reason")
            expect(.badValue, Sample.line("send", "\"clientToken\":" + wrong), names: "clientToken")
            expect(.badValue, Sample.line("send", "\"sentAt\":" + wrong), names: "sentAt")
            expect(.badValue, Sample.line("createConversation", "\"history\":" + wrong), names: "history")
            expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"text\":\(wrong)}"), names: "content.text")
        }
        for wrong in ["5", "\"\(Sample.b)\"", "{}", "true"] {
            expect(.badValue, Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: wrong), names: "members")
            expect(.badValue, Sample.line("createConversation", "\"participants\":" + wrong), names: "participants")
            expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"text\":\"x\",\"mentions\":\(wrong)}"), names: "content.mentions")
            expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"text\":\"x\",\"attachments\":\(wrong)}"), names: "content.attachments")
        }
        for wrong in ["5", "\"x\"", "[]", "true"] {
            expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: wrong), names: "content")
            expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"attachments\":[\(wrong)]}"), names: "content.attachments[0]")
        }
        expect(.badValue, Sample.line("read", #""private":1"#), names: "private")
    }

    @Test func badValueOfRanges() {
        for wrong in ["-1", "1.0", "1e3", "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "\"5\"", "true", "[]", "0.0", "5E0"] {
            expect(.badValue, Sample.line("read", #""upTo":5"#, with: "\"upTo\":" + wrong), names: "upTo")
            expect(.badValue, Sample.line("archive", #""upTo":5"#, with: "\"upTo\":" + wrong), names: "upTo")
            expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"attachments\":[{\"uri\":\"u\",\"bytes\":\(wrong)}]}"), names: "bytes")
        }
        for wrong in ["", "All", "from_join"] { expect(.badValue, Sample.line("createConversation", "\"history\":\"\(wrong)\"")) }
        for wrong in ["", "yesterday", "2004-12-25", "2004-12-25T10:02:11", "2004-02-30T10:02:11Z"] {
            expect(.badValue, Sample.line("send", "\"sentAt\":\"\(wrong)\""), names: "sentAt")
        }
    }

    @Test func badValueOfCombinations() {
        expect(.badValue, Sample.line("send", "hello", with: ""), names: "content.text")
        expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"","attachments":[]}"#))
        #expect(refusal(Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"","attachments":[{"uri":"u"}]}"#)) == nil)
        expect(.badValue, Sample.line("react", "+1", with: ""), names: "reaction")
        expect(.badValue, Sample.line("send", #""clientToken":"""#), names: "clientToken")
        let message = #""upToMessage":"\#(Sample.d)""#
        expect(.badValue, Sample.line("read", message), names: "upTo")
        expect(.badValue, Sample.line("read", #""upTo":5"#, with: #""upTo":null"#))
        expect(.badValue, Sample.line("archive", message))
        expect(.badValue, Sample.line("archive", #","upTo":5"#, with: ""))
        expect(.badValue, Sample.line("archive", #""on":true"#, with: #""on":false"#))
        expect(.badValue, Sample.line("archive", #""on":true,"upTo":5"#, with: #""on":false,\#(message)"#))
        expect(.badValue, Sample.line("sendDirect", #""to":"\#(Sample.b)""#, with: #""to":"\#(Sample.a)""#), names: "to")
    }

    @Test func tooLarge() {
        func x(_ count: Int) -> String { String(repeating: "x", count: count) }
        func list(_ count: Int) -> String { "[" + Array(repeating: "\"\(Sample.b)\"", count: count).joined(separator: ",") + "]" }
        func content(_ json: String) -> String { Sample.line("send", #"{"text":"hello"}"#, with: json) }
        let cases: [(fits: String, over: String, place: String)] = [
            // {"text":"..."} is 11 bytes around the text.
            (content("{\"text\":\"\(x(65_525))\"}"), content("{\"text\":\"\(x(65_526))\"}"), "content"),
            (Sample.line("edit", #""text":"x""#, with: "\"text\":\"\(x(65_525))\""), Sample.line("edit", #""text":"x""#, with: "\"text\":\"\(x(65_526))\""), "content"),
            (Sample.line("rename", "T", with: x(1_024)), Sample.line("rename", "T", with: x(1_025)), "title"),
            (Sample.line("rename", "T", with: x(1_022) + "é"), Sample.line("rename", "T", with: x(1_023) + "é"), "title"),
            (Sample.line("createConversation", "\"title\":\"\(x(1_024))\""), Sample.line("createConversation", "\"title\":\"\(x(1_025))\""), "title"),
            (Sample.line("delete", "\"reason\":\"\(x(1_024))\""), Sample.line("delete", "\"reason\":\"\(x(1_025))\""), "reason"),
            (Sample.line("send", "\"clientToken\":\"\(x(128))\""), Sample.line("send", "\"clientToken\":\"\(x(129))\""), "clientToken"),
            (Sample.line("react", "+1", with: x(64)), Sample.line("react", "+1", with: x(65)), "reaction"),
            (content("{\"text\":\"x\",\"mentions\":\(list(100))}"), content("{\"text\":\"x\",\"mentions\":\(list(101))}"), "content.mentions"),
            (content("{\"attachments\":[\(Array(repeating: #"{"uri":""}"#, count: 32).joined(separator: ","))]}"),
                content("{\"attachments\":[\(Array(repeating: #"{"uri":""}"#, count: 33).joined(separator: ","))]}"), "content.attachments"),
            (Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: list(1_000)), Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: list(1_001)), "members"),
            (Sample.line("createConversation", "\"participants\":" + list(1_000)), Sample.line("createConversation", "\"participants\":" + list(1_001)), "participants"),
            (Sample.line("send", "\"sentAt\":\"2004-12-25T10:02:11.\(String(repeating: "1", count: 43))Z\""),
                Sample.line("send", "\"sentAt\":\"2004-12-25T10:02:11.\(String(repeating: "1", count: 44))Z\""), "sentAt"),
            (Sample.line("mute") + String(repeating: " ", count: CommandParser.lineLimit - Sample.line("mute").utf8.count),
                Sample.line("mute") + String(repeating: " ", count: CommandParser.lineLimit - Sample.line("mute").utf8.count + 1), "line"),
        ]
        for (fits, over, place) in cases {
            #expect(refusal(fits) == nil, "\(place)")
            expect(.tooLarge, over, names: place)
        }
        expect(.tooLarge, content("{\"text\":\"\(x(1 << 20))\"}"))
    }

    /// What counts is the canonical form: an absent text is written, escapes are taken back, spaces are not there.
    @Test func contentIsMeasuredInItsCanonicalForm() {
        func content(_ json: String) -> String { Sample.line("send", #"{"text":"hello"}"#, with: json) }
        #expect(refusal(content("{ \"text\" : \"" + String(repeating: "\\u0078", count: 65_525) + "\" }")) == nil)
        expect(.tooLarge, content("{\"text\":\"" + String(repeating: "\\u0078", count: 65_526) + "\"}"))
        #expect(refusal(content("{\"text\":\"" + String(repeating: "\\n", count: 32_762) + "\"}")) == nil)
        expect(.tooLarge, content("{\"text\":\"" + String(repeating: "\\n", count: 32_763) + "\"}"))
        // {"attachments":[{"uri":"..."}],"text":""} is 38 bytes around the uri.
        let uri = { String(repeating: "u", count: $0) }
        #expect(refusal(content("{\"attachments\":[{\"uri\":\"\(uri(65_498))\"}]}")) == nil)
        expect(.tooLarge, content("{\"attachments\":[{\"uri\":\"\(uri(65_499))\"}]}"))
    }
}
