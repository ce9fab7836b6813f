import Messaging
import Testing
import Wire

@Suite struct ContentJSONTests {
    let member = MemberID(text: Sample.b.utf8)!

    func error(_ text: String) -> WireError? {
        do throws(WireError) {
            _ = try Content(canonicalJSON: Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test func theCanonicalFormIsTheOneWrittenDown() {
        func canonical(_ content: Content) -> String { text(content.canonicalJSON()) }
        #expect(
            canonical(Content(text: Array("hé\"\\/\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}€𝄞".utf8)))
                == #"{"text":"hé\"\\/\b\f\n\r\t\u0001\u001f"# + "\u{7f}€𝄞\"}")
        let attachments = [
            Attachment(uri: Array("u".utf8), mediaType: Array("m".utf8), bytes: 9_223_372_036_854_775_807, name: []),
            Attachment(uri: []),
        ]
        #expect(
            canonical(Content(text: [], mentions: [member, member], attachments: attachments))
                == #"{"attachments":[{"bytes":9223372036854775807,"mediaType":"m","name":"","uri":"u"},{"uri":""}],"#
                + #""mentions":["\#(Sample.b)","\#(Sample.b)"],"text":""}"#)
        #expect(canonical(Content(text: [])) == #"{"text":""}"#)
    }

    @Test func everyContentComesBackAsItWas() throws {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var samples = SampleRequests(seed: seed)
        for _ in 0..<3_000 {
            let content = samples.content()
            #expect(try Content(canonicalJSON: content.canonicalJSON()) == content)
        }
        #expect(try Content(canonicalJSON: Array(#"{"text":""}"#.utf8)) == Content(text: []))
        let long = Content(text: Array(repeating: 0x78, count: 200_000), mentions: Array(repeating: member, count: 200))
        #expect(try Content(canonicalJSON: long.canonicalJSON()) == long)
    }

    @Test func nothingButTheCanonicalFormIsRead() {
        for text in [
            "", "{}", "null", #"{"text":null}"#, #"{"text":5}"#, #" {"text":"x"}"#, #"{"text":"x"} "#,
            #"{"text": "x"}"#, #"{"text":"\u0078"}"#, #"{"text":"\/"}"#,
            #"{"text":"\u000a"}"#, #"{"text":"\u001F"}"#, #"{"text":"x","attachments":[{"uri":""}]}"#,
            #"{"attachments":[],"text":"x"}"#, #"{"mentions":[],"text":"x"}"#,
            #"{"text":"x","text":"x"}"#, #"{"html":"","text":"x"}"#,
            #"{"attachments":[{"bytes":1.0,"uri":""}],"text":""}"#,
            #"{"attachments":[{"bytes":-0,"uri":""}],"text":""}"#,
            #"{"attachments":[{"name":null,"uri":""}],"text":""}"#, #"{"attachments":[{}],"text":""}"#,
            #"{"mentions":["x"],"text":"x"}"#, #"{"text":[[[["x"]]]]}"#, #"{"text":"x""#,
        ] { #expect(error(text)?.code == .notCanonical, "\(text)") }
    }
}
