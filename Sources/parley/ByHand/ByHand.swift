import Arguments
import Deployment
import EventLog
import Messaging
import MessagingService
import Wire

/// What the commands that write by hand share: who asks, the append, and the answer.
enum ByHand {
    static let actor = Option.required(
        "as", placeholder: "M", help: "The member who asks.", convert: IDValues.member)
    static let off = Option.flag("off", help: "Undo it instead.")
    static let id = Option<CommandID?>.optional(
        "id", placeholder: "ID", help: "The command id: the same one again has no second effect.",
        defaultText: "a new one", convert: IDValues.command)
    static let upToMessage = Option<MessageID?>.optional(
        "message", placeholder: "MSG", help: "Up to this message.", convert: IDValues.message)
    static let upToOrd = Option<Int64?>.optional(
        "up-to", placeholder: "ORD", help: "Up to this ord, in microseconds.", defaultText: "now"
    ) { (text) throws(ConversionError) -> Int64 in Int64(try Values.integer(in: 0...Int.max)(text)) }

    static let conversation = Positional.one("C", help: "The conversation.", convert: IDValues.conversation)
    static let message = Positional.one("MSG", help: "The message.", convert: IDValues.message)

    /// The paragraph of help that all of them have.
    static let discussion =
        "Prints the ids and a token that reads accept with --at-least. The command is in the log then; whether it had an "
        + "effect shows in the views, and in: parley rejections"

    /// What every one of them takes.
    static let options = [actor.declaration, id.declaration]

    /// How far a read or an archive reaches: as given, or everything up to now.
    static func upTo(_ arguments: ParsedArguments) throws -> UpTo {
        switch (arguments[upToMessage], arguments[upToOrd]) {
        case (.some, .some):
            throw Failure(.wrongUsage, "--message and --up-to: both are given: leave out one")
        case (let message?, nil): return .message(message)
        case (nil, let ord): return .ord(ord ?? LogClock.system.nowMicros())
        }
    }

    /// Appends one command of the actor and prints the answer.
    static func write(
        _ kind: CommandRequest.Kind, in conversation: ConversationID?, _ arguments: ParsedArguments, _ console: Console
    ) throws -> ExitCode {
        let request = CommandRequest(
            id: arguments[id], actor: arguments[actor], conversation: conversation, kind: kind)
        return try write([request], arguments, console)
    }

    /// Appends commands, all or none, and prints an answer for each.
    static func write(
        _ requests: [CommandRequest], _ arguments: ParsedArguments, _ console: Console
    ) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .create)
        defer { deployment.close() }
        let writer = CommandWriter(
            log: deployment.log, admission: try deployment.makeAdmission(keys: try deployment.openKeys()))
        do {
            for written in try writer.write(requests) { try answer(written, console) }
        } catch let refusal as Refusal {
            throw Failure(.badInput, "refused: \(refusal.code.name): \(refusal.reason)")
        }
        return .done
    }

    private static func answer(_ written: CommandWriter.Written, _ console: Console) throws {
        let (ids, token) = (written.admitted, written.token.description)
        guard console.json else {
            try console.output.writeLine("id            \(ids.id)")
            try console.output.writeLine("conversation  \(ids.conversation)")
            if let message = ids.message { try console.output.writeLine("message       \(message)") }
            try console.output.writeLine("position      \(written.position)")
            try console.output.writeLine("token         \(token)")
            return
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.id(ids.id)
        writer.key("conversation")
        writer.id(ids.conversation)
        writer.key("message")
        if let message = ids.message { writer.id(message) } else { writer.null() }
        writer.key("position")
        writer.string(written.position.description)
        writer.key("token")
        writer.string(token)
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
    }
}
