import Arguments
import EventLog
import TimeTravel

/// Options of commands that tell of the past.
enum PastOptions {
    static let moment = Option<Moment?>.optional(
        "as-of", placeholder: "POSITION|TIME",
        help: "As it was then: with this record (conversation-commands/3@1024) as the last, with what a token has, or "
            + "with what was appended up to a time (RFC 3339).", defaultText: "now", convert: convert)

    static let until = Option<Moment?>.optional(
        "until", placeholder: "POSITION|TIME",
        help: "Build the view as it was then, in files of its own: needs --into.",
        convert: convert)

    static let into = Option<String?>.optional(
        "into", placeholder: "DIR", help: "With --until: where to make shared.sqlite and personal.sqlite.",
        completion: .directory, convert: Values.nonEmpty)

    private static let convert: @Sendable (String) throws(ConversionError) -> Moment = {
        (text) throws(ConversionError) -> Moment in
        guard let moment = Moment(text: text) else {
            throw ConversionError(
                "is no position (conversation-commands/3@1024), no token, and no time (2026-01-31T23:59:59Z)")
        }
        return moment
    }
}

/// Shows how far the reading of the log is, and ends it when asked to stop.
///
/// Threads: one at a time.
final class PastProgress: @unchecked Sendable {
    private let stop: StopSignal
    private var line: ProgressLine

    init(_ console: Console) {
        stop = console.stop
        stop.whenRaised {}
        line = ProgressLine(isShown: console.showsProgress)
    }

    @Sendable func show(_ read: Int, _ total: Int) throws {
        if stop.isRaised { throw TimeTravelError(.interrupted, "stopped", isRetriable: true) }
        line.show("reading the log", count: read, "records", done: read, total: total)
    }

    func end() { line.end() }
}
