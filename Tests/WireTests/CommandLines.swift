import Messaging
import Testing

@testable import Wire

/// What the parser says of a line: a command, or the refusal.
func parsed(_ line: [UInt8]) -> Result<CommandRequest, Refusal> {
    var parser = CommandParser()
    return line.withUnsafeBytes { raw in
        do throws(Refusal) {
            return .success(try parser.parse(raw))
        } catch {
            return .failure(error)
        }
    }
}

func parsed(_ line: String) -> Result<CommandRequest, Refusal> { parsed(Array(line.utf8)) }

func refusal(_ line: [UInt8]) -> Refusal? {
    guard case .failure(let refusal) = parsed(line) else { return nil }
    return refusal
}

func refusal(_ line: String) -> Refusal? { refusal(Array(line.utf8)) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Ids for lines: each letter's is that letter thirty-two times.
enum Sample {
    static func id(_ digit: Character) -> String {
        let run = { String(repeating: digit, count: $0) }
        return [run(8), run(4), run(4), run(4), run(12)].joined(separator: "-")
    }
    static let a = id("a"), b = id("b"), c = id("c"), d = id("d")

    /// A line that is right, of every command, without the outer braces.
    static let lines: [String: String] = [
        "send": #""command":"send","actor":"\#(a)","conversation":"\#(c)","content":{"text":"hello"}"#,
        "sendDirect": #""command":"sendDirect","actor":"\#(a)","to":"\#(b)","content":{"text":"hello"}"#,
        "createConversation": #""command":"createConversation","actor":"\#(a)","conversation":"\#(c)""#,
        "edit": #""command":"edit","actor":"\#(a)","conversation":"\#(c)","message":"\#(d)","content":{"text":"x"}"#,
        "delete": #""command":"delete","actor":"\#(a)","conversation":"\#(c)","message":"\#(d)""#,
        "react":
            #""command":"react","actor":"\#(a)","conversation":"\#(c)","message":"\#(d)","reaction":"+1","on":true"#,
        "addParticipants": #""command":"addParticipants","actor":"\#(a)","conversation":"\#(c)","members":["\#(b)"]"#,
        "removeParticipant": #""command":"removeParticipant","actor":"\#(a)","conversation":"\#(c)","member":"\#(b)""#,
        "setModerator": #""command":"setModerator","actor":"\#(a)","conversation":"\#(c)","member":"\#(b)","on":false"#,
        "rename": #""command":"rename","actor":"\#(a)","conversation":"\#(c)","title":"T""#,
        "close": #""command":"close","actor":"\#(a)","conversation":"\#(c)","on":true"#,
        "read": #""command":"read","actor":"\#(a)","conversation":"\#(c)","upTo":5"#,
        "markUnread": #""command":"markUnread","actor":"\#(a)","conversation":"\#(c)""#,
        "star": #""command":"star","actor":"\#(a)","conversation":"\#(c)","message":"\#(d)","on":true"#,
        "hide": #""command":"hide","actor":"\#(a)","conversation":"\#(c)","message":"\#(d)","on":true"#,
        "archive": #""command":"archive","actor":"\#(a)","conversation":"\#(c)","on":true,"upTo":5"#,
        "mute": #""command":"mute","actor":"\#(a)","conversation":"\#(c)","on":true"#,
    ]

    /// The line of a command with more fields after its own.
    static func line(_ command: String, _ more: String = "") -> String {
        "{" + (lines[command] ?? "") + (more.isEmpty ? "" : "," + more) + "}"
    }

    /// The line of a command with a part replaced, which must be there.
    static func line(_ command: String, _ part: String, with other: String) -> String {
        let line = line(command)
        precondition(line.contains(part), "\(part) is not in the line of \(command)")
        return line.replacing(part, with: other)
    }
}

/// That a line is refused with this code, for a reason that names the place.
func expect(
    _ code: Refusal.Code, _ line: String, names place: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expect(code, Array(line.utf8), names: place, sourceLocation: sourceLocation)
}

func expect(
    _ code: Refusal.Code, _ line: [UInt8], names place: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let found = refusal(line)
    #expect(
        found?.code == code, "\(text(Array(line.prefix(300)))): \(found?.description ?? "taken")",
        sourceLocation: sourceLocation)
    if !place.isEmpty {
        #expect(
            found?.reason.contains(place) == true, "\(found?.reason ?? "taken")", sourceLocation: sourceLocation)
    }
}
