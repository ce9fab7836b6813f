import Messaging
import Testing

@testable import Wire

/// Lines that name a command and its fields and are wrong in what they give for them.
@Suite struct CommandValueRefusalTests {
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
                expect(
                    .missingField, line.replacingCharacters(from: start, count: value, with: "null"),
                    names: "\(field.name)")
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
        expect(
            .missingField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"name":"n"}]}"#),
            names: "content.attachments[0].uri")
        expect(.missingField, Sample.line("send", #"{"text":"hello"}"#, with: #"{"attachments":[{"uri":null}]}"#))
    }

    @Test func badId() {
        for wrong in [
            #""""#, #""\#(Sample.a.dropLast())""#, #""\#(Sample.a)0""#, #""\#(Sample.a.uppercased())""#,
            #""{\#(Sample.a)}""#, "5", "true", "{}", "[]",
            #""\#(Sample.a.replacing("-", with: ""))""#, #""gggggggg-aaaa-aaaa-aaaa-aaaaaaaaaaaa""#,
        ] {
            expect(.badId, Sample.line("mute", #""actor":"\#(Sample.a)""#, with: "\"actor\":" + wrong), names: "actor")
            expect(.badId, Sample.line("mute", "\"id\":" + wrong), names: "id")
            expect(
                .badId, Sample.line("mute", #""conversation":"\#(Sample.c)""#, with: "\"conversation\":" + wrong),
                names: "conversation")
            expect(.badId, Sample.line("sendDirect", #""to":"\#(Sample.b)""#, with: "\"to\":" + wrong), names: "to")
            expect(
                .badId, Sample.line("star", #""message":"\#(Sample.d)""#, with: "\"message\":" + wrong),
                names: "message")
            expect(
                .badId, Sample.line("setModerator", #""member":"\#(Sample.b)""#, with: "\"member\":" + wrong),
                names: "member")
            expect(
                .badId, Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: #"["\#(Sample.b)",\#(wrong)]"#),
                names: "members[1]")
            expect(.badId, Sample.line("createConversation", "\"participants\":[\(wrong)]"), names: "participants[0]")
            expect(
                .badId, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"hello","mentions":[\#(wrong)]}"#),
                names: "content.mentions[0]")
            for (command, field) in [
                ("send", "replyTo"), ("send", "message"), ("edit", "expectedVersion"), ("delete", "version"),
                ("sendDirect", "conversation"),
            ] {
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
            expect(
                .badValue, Sample.line("react", #""reaction":"+1""#, with: "\"reaction\":" + wrong), names: "reaction")
            expect(.badValue, Sample.line("delete", "\"reason\":" + wrong), names: "reason")
            expect(.badValue, Sample.line("send", "\"clientToken\":" + wrong), names: "clientToken")
            expect(.badValue, Sample.line("send", "\"sentAt\":" + wrong), names: "sentAt")
            expect(.badValue, Sample.line("createConversation", "\"history\":" + wrong), names: "history")
            expect(
                .badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"text\":\(wrong)}"), names: "content.text"
            )
        }
        for wrong in ["5", "\"\(Sample.b)\"", "{}", "true"] {
            expect(.badValue, Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: wrong), names: "members")
            expect(.badValue, Sample.line("createConversation", "\"participants\":" + wrong), names: "participants")
            expect(
                .badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"text\":\"x\",\"mentions\":\(wrong)}"),
                names: "content.mentions")
            expect(
                .badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"text\":\"x\",\"attachments\":\(wrong)}"),
                names: "content.attachments")
        }
        for wrong in ["5", "\"x\"", "[]", "true"] {
            expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: wrong), names: "content")
            expect(
                .badValue, Sample.line("send", #"{"text":"hello"}"#, with: "{\"attachments\":[\(wrong)]}"),
                names: "content.attachments[0]")
        }
        expect(.badValue, Sample.line("read", #""private":1"#), names: "private")
    }

    @Test func badValueOfRanges() {
        for wrong in [
            "-1", "1.0", "1e3", "9223372036854775808", "-9223372036854775809", "99999999999999999999999", "\"5\"",
            "true", "[]", "0.0", "5E0",
        ] {
            expect(.badValue, Sample.line("read", #""upTo":5"#, with: "\"upTo\":" + wrong), names: "upTo")
            expect(.badValue, Sample.line("archive", #""upTo":5"#, with: "\"upTo\":" + wrong), names: "upTo")
            expect(
                .badValue,
                Sample.line(
                    "send", #"{"text":"hello"}"#, with: "{\"attachments\":[{\"uri\":\"u\",\"bytes\":\(wrong)}]}"),
                names: "bytes")
        }
        for wrong in ["", "All", "from_join"] {
            expect(.badValue, Sample.line("createConversation", "\"history\":\"\(wrong)\""))
        }
        for wrong in ["", "yesterday", "2004-12-25", "2004-12-25T10:02:11", "2004-02-30T10:02:11Z"] {
            expect(.badValue, Sample.line("send", "\"sentAt\":\"\(wrong)\""), names: "sentAt")
        }
    }

    @Test func badValueOfCombinations() {
        expect(.badValue, Sample.line("send", "hello", with: ""), names: "content.text")
        expect(.badValue, Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"","attachments":[]}"#))
        #expect(
            refusal(Sample.line("send", #"{"text":"hello"}"#, with: #"{"text":"","attachments":[{"uri":"u"}]}"#)) == nil
        )
        expect(.badValue, Sample.line("react", "+1", with: ""), names: "reaction")
        expect(.badValue, Sample.line("send", #""clientToken":"""#), names: "clientToken")
        let message = #""upToMessage":"\#(Sample.d)""#
        expect(.badValue, Sample.line("read", message), names: "upTo")
        expect(.badValue, Sample.line("read", #""upTo":5"#, with: #""upTo":null"#))
        expect(.badValue, Sample.line("archive", message))
        expect(.badValue, Sample.line("archive", #","upTo":5"#, with: ""))
        expect(.badValue, Sample.line("archive", #""on":true"#, with: #""on":false"#))
        expect(.badValue, Sample.line("archive", #""on":true,"upTo":5"#, with: #""on":false,\#(message)"#))
        expect(
            .badValue, Sample.line("sendDirect", #""to":"\#(Sample.b)""#, with: #""to":"\#(Sample.a)""#), names: "to")
    }

    @Test func tooLarge() {
        func x(_ count: Int) -> String { String(repeating: "x", count: count) }
        func list(_ count: Int) -> String {
            "[" + Array(repeating: "\"\(Sample.b)\"", count: count).joined(separator: ",") + "]"
        }
        func content(_ json: String) -> String { Sample.line("send", #"{"text":"hello"}"#, with: json) }
        let cases: [(fits: String, over: String, place: String)] = [
            // {"text":"..."} is 11 bytes around the text.
            (content("{\"text\":\"\(x(65_525))\"}"), content("{\"text\":\"\(x(65_526))\"}"), "content"),
            (
                Sample.line("edit", #""text":"x""#, with: "\"text\":\"\(x(65_525))\""),
                Sample.line("edit", #""text":"x""#, with: "\"text\":\"\(x(65_526))\""), "content"
            ),
            (Sample.line("rename", "T", with: x(1_024)), Sample.line("rename", "T", with: x(1_025)), "title"),
            (
                Sample.line("rename", "T", with: x(1_022) + "é"), Sample.line("rename", "T", with: x(1_023) + "é"),
                "title"
            ),
            (
                Sample.line("createConversation", "\"title\":\"\(x(1_024))\""),
                Sample.line("createConversation", "\"title\":\"\(x(1_025))\""), "title"
            ),
            (
                Sample.line("delete", "\"reason\":\"\(x(1_024))\""),
                Sample.line("delete", "\"reason\":\"\(x(1_025))\""), "reason"
            ),
            (
                Sample.line("send", "\"clientToken\":\"\(x(128))\""),
                Sample.line("send", "\"clientToken\":\"\(x(129))\""), "clientToken"
            ),
            (Sample.line("react", "+1", with: x(64)), Sample.line("react", "+1", with: x(65)), "reaction"),
            (
                content("{\"text\":\"x\",\"mentions\":\(list(100))}"),
                content("{\"text\":\"x\",\"mentions\":\(list(101))}"), "content.mentions"
            ),
            (
                content("{\"attachments\":[\(Array(repeating: #"{"uri":""}"#, count: 32).joined(separator: ","))]}"),
                content("{\"attachments\":[\(Array(repeating: #"{"uri":""}"#, count: 33).joined(separator: ","))]}"),
                "content.attachments"
            ),
            (
                Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: list(1_000)),
                Sample.line("addParticipants", #"["\#(Sample.b)"]"#, with: list(1_001)), "members"
            ),
            (
                Sample.line("createConversation", "\"participants\":" + list(1_000)),
                Sample.line("createConversation", "\"participants\":" + list(1_001)), "participants"
            ),
            (
                Sample.line("send", "\"sentAt\":\"2004-12-25T10:02:11.\(String(repeating: "1", count: 43))Z\""),
                Sample.line("send", "\"sentAt\":\"2004-12-25T10:02:11.\(String(repeating: "1", count: 44))Z\""),
                "sentAt"
            ),
            (
                Sample.line("mute")
                    + String(repeating: " ", count: CommandParser.lineLimit - Sample.line("mute").utf8.count),
                Sample.line("mute")
                    + String(repeating: " ", count: CommandParser.lineLimit - Sample.line("mute").utf8.count + 1),
                "line"
            ),
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
