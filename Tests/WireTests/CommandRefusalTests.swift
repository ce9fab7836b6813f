import Messaging
import Testing

@testable import Wire

/// INTERFACE, "Refused, each with the first CODE that holds": lines that are not text, not JSON or not a command.
@Suite struct CommandRefusalTests {
    /// A line of `rename` whose title is these bytes between quotes.
    func titled(_ bytes: [UInt8]) -> [UInt8] {
        Array(#"{"command":"rename","actor":"\#(Sample.a)","conversation":"\#(Sample.c)","title":""#.utf8) + bytes
            + Array("\"}".utf8)
    }

    @Test func notText() {
        for bytes: [UInt8] in [
            [0xff], [0xc3], [0xc3, 0x28], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80],
            [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82], [0x00],
        ] { expect(.notText, titled(bytes)) }
        for escape in [
            #"\u0000"#, #"\ud800"#, #"\udc00"#, #"\uD834x"#, #"\ud834\u0041"#, #"\ud834\ud834"#, #"\ud834\n"#,
            #"\udd1e\ud834"#,
        ] {
            expect(.notText, titled(Array(escape.utf8)), names: "at byte")
        }
        // In a name, and outside of strings.
        expect(.notText, Sample.line("mute", #""\u0000":1"#))
        expect(.notText, Array(Sample.line("mute").utf8) + [0])
        expect(.notText, [0xff] + Array(Sample.line("mute").utf8))
        expect(.notText, [0])
        expect(.notText, [0xfe, 0xff])
        // What looks like it and is not.
        for fine in [#"\\u0000"#, #"\ud834\udd1e"#, #"\u0001"#, "\u{7f}"] {
            #expect(refusal(titled(Array(fine.utf8))) == nil)
        }
    }

    @Test func json() {
        let mute = Sample.line("mute")
        for line in [
            "", " ", "x", "null", "5", "\"text\"", "[]", "[\(mute)]", "{", "}", mute + "x", mute + mute, mute + ",",
            "\u{feff}" + mute,
            String(mute.dropLast()), "{'a':1}", "{a:1}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}",
            "{\"a\":1 \"b\":2}", "{\"a\":[1,]}",
            "{\"a\":[,1]}", "{\"a\":[1 2]}", "{\"a\":[1}", "{\"a\":{]}", "// x\n" + mute, "{\"a\":1}/**/", "{1:2}",
            "{\"a\":[1,2}", "{\"a\"\"b\"}", "\u{a0}" + mute,
        ] { expect(.json, line) }
        for value in [
            "NaN", "Infinity", "-Infinity", "+1", "01", "-01", "1.", ".5", "-", "1e", "1e+", "0x10", "1_000", "--1",
            "1.e5", "tru", "True", "TRUE", "nul", "undefined",
            "'a'", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "\"a", "\"\t\"", "\"\n\"", "\"\u{1}\"",
            "\"\u{1f}\"", "\"\\\n\"", "00", "1.5.2", "é", "{\"b\":1", "[[]",
        ] { expect(.json, Sample.line("mute", "\"x\":" + value)) }
    }

    @Test func tooDeep() {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
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
        expect(
            .tooDeep, "{\"a\":" + String(repeating: "[", count: 1 << 19) + String(repeating: "]", count: 1 << 19) + "}")
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
        expect(
            .duplicateKey, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"uri":"a","uri":"b"}]}"#))
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
        expect(
            .unknownField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"hello","html":""}"#),
            names: "html of content")
        expect(
            .unknownField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"uri":"a","size":1}]}"#),
            names: "attachments[0]")
        // A name that is content is not repeated.
        let secret = String(repeating: "secret", count: 20)
        #expect(refusal(Sample.line("mute", "\"\(secret)\":1"))?.reason.contains("secret") == false)
    }
}
