import EventLog
import Messaging
public import Wire

/// The answers of an append as lines of JSON (INTERFACE, `--answers`).
public enum AnswerLine {
    /// Writes `{"line":1,"id":..,"message":..,"position":".."}` or `{"line":2,"refused":CODE}`, and the line feed.
    public static func write(_ answer: LineAnswer, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("line")
        writer.int(answer.line)
        switch answer.outcome {
        case .appended(let admitted, let position), .logged(let admitted, let position):
            writer.key("id")
            writer.id(admitted.id)
            writer.key("message")
            if let message = admitted.message { writer.id(message) } else { writer.null() }
            writer.key("position")
            writer.string(position.description)
        case .refused(let refusal):
            writer.key("refused")
            writer.string(refusal.code.name)
        }
        writer.endObject()
        writer.endLine()
    }

    /// Writes `{"read":..,"appended":..,...}` and the line feed.
    /// - Parameter seconds: that the run took.
    public static func write(_ progress: AppendProgress, seconds: Double, to writer: inout JSONWriter) {
        writer.beginObject()
        for (name, count) in [
            ("read", progress.read), ("appended", progress.appended), ("refused", progress.refused),
            ("resumed", progress.resumed), ("blank", progress.blank),
        ] as [(StaticString, Int)] {
            writer.key(name)
            writer.int(count)
        }
        writer.key("seconds")
        writer.number((seconds * 1e6).rounded() / 1e6)
        writer.key("recordsPerSecond")
        writer.int(seconds > 0 ? Int((Double(progress.appended) / seconds).rounded()) : 0)
        writer.key("token")
        writer.string(progress.token.description)
        writer.endObject()
        writer.endLine()
    }
}
