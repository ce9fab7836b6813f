import Foundation
import Messaging
import Testing

@testable import Wire

/// When several codes hold, the first is reported, wherever in the line its cause stands.
@Suite struct RefusalOrderTests {
    /// For each code a part of an object that earns it alone, put before or after the rest of a `send`.
    static let causes: [(code: Refusal.Code, part: String)] = [
        (.notText, #""q1":"\u0000""#),
        (.json, #""q2":01"#),
        (.tooDeep, "\"q3\":" + String(repeating: "[", count: 40) + String(repeating: "]", count: 40)),
        (.duplicateKey, #""q4":{"a":1,"a":1}"#),
        (.unknownCommand, #""command":"nothing""#),
        (.unknownField, #""q5":1"#),
        (.missingField, #""content":null"#),
        (.badId, #""replyTo":"x""#),
        (.badValue, #""sentAt":"now""#),
        (.tooLarge, "\"clientToken\":\"" + String(repeating: "x", count: 200) + "\""),
    ]

    /// A send of these parts, with what they do not give themselves.
    func line(_ parts: [String]) -> String {
        var all = parts
        for (name, value) in [
            ("command", #""send""#), ("actor", "\"\(Sample.a)\""), ("conversation", "\"\(Sample.c)\""),
            ("content", #"{"text":"x"}"#),
        ] where !parts.contains(where: { $0.hasPrefix("\"\(name)\":") }) {
            all.insert("\"\(name)\":\(value)", at: all.count / 2)
        }
        return "{" + all.joined(separator: ",") + "}"
    }

    @Test func everyCauseAloneGivesItsCode() {
        // Those that are not about a field of `send` are in fields that nobody knows; their own code comes first.
        for (code, part) in Self.causes { #expect(refusal(line([part]))?.code == code, "\(line([part]))") }
        #expect(refusal(line([])) == nil)
    }

    @Test func ofEveryTwoTheFirstIsReported() {
        for (index, first) in Self.causes.enumerated() {
            for second in Self.causes[(index + 1)...] {
                #expect(
                    refusal(line([first.part, second.part]))?.code == first.code, "\(first.code) and \(second.code)")
                #expect(
                    refusal(line([second.part, first.part]))?.code == first.code, "\(second.code) and \(first.code)")
            }
        }
    }

    @Test func ofAnyTheFirstIsReported() {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let chosen = Self.causes.filter { _ in random.chance(1, in: 3) }.shuffled(using: &random)
            let line = line(chosen.map(\.part))
            #expect(refusal(line)?.code == chosen.map(\.code).min(), "\(line)")
        }
    }

    /// Where a line is no JSON at all, being no text still comes first; an escape counts only inside of a string.
    @Test func notTextHoldsInWhatIsNotJSON() {
        for (line, code) in [
            (#"{"a":"\u0000"#, Refusal.Code.notText), (#"{"a":01,"b":"\ud800"}"#, .notText),
            (#"{a "\udc00" }"#, .notText),
            (#"{"a":"\q\u0000"}"#, .notText), (#"{"a":"\u12\u0000"}"#, .notText), (#"{ \u0000 }"#, .json),
            (#"{"a":"\\u0000"#, .json),
            (#"{"a":"\"\\"x \u0000}"#, .json), ("[\"\u{0}\"", .notText), ("{]\u{0}", .notText),
        ] { #expect(refusal(line)?.code == code, "\(line)") }
        #expect(refusal(Array("{]".utf8) + [0xff])?.code == .notText)
        #expect(refusal([0xef, 0xbb, 0xbf, 0x7b, 0xc3])?.code == .notText)
    }

    /// Without a command no field can be wrong for it; one that no command has still is.
    @Test func aMissingCommandComesAfterAFieldThatNobodyKnows() {
        #expect(refusal(#"{"actor":"\#(Sample.a)","on":true}"#)?.code == .missingField)
        #expect(refusal(#"{"command":null,"on":5,"actor":5}"#)?.code == .missingField)
        #expect(refusal(#"{"actor":"\#(Sample.a)","other":true}"#)?.code == .unknownField)
        #expect(refusal(#"{"content":{"text":"x","other":1}}"#)?.code == .unknownField)
        #expect(refusal(#"{"content":{"text":5}}"#)?.code == .missingField)
    }

    /// A fault inside a field that the command has not is not looked for: the field itself comes first.
    @Test func aFieldOfAnotherCommandIsUnknownWhateverIsInIt() {
        #expect(refusal(Sample.line("mute", #""replyTo":"x""#))?.code == .unknownField)
        #expect(refusal(Sample.line("mute", #""content":{"text":5}"#))?.code == .unknownField)
    }
}
