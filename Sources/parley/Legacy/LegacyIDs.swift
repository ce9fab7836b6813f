import Arguments
import LegacyMailbox
import Messaging
import Wire

/// `parley legacy ids FILE`: the ids of legacy writes, for whoever checks or joins them elsewhere.
struct LegacyIDs {
    let namespace: Identifier

    /// Reads legacy writes as JSON lines; prints for each its conversation, its owner's member id, the message of a
    /// copy, and the command id of the part `write`.
    func run(_ words: [String], _ console: Console) throws -> ExitCode {
        guard words.count == 1 else { throw Failure(.wrongUsage, "legacy: give ids FILE, or - for standard input") }
        let ids = LegacyIdentifiers(namespace: namespace)
        let text = try InputFile.readAll(words[0], limit: 1 << 30)
        for line in text.split(separator: UInt8(ascii: "\n")) {
            try console.output.write(Self.line(try LegacyWrite(json: Array(line)), ids))
        }
        return .done
    }

    private static func line(_ write: LegacyWrite, _ ids: LegacyIdentifiers) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("conversation")
        writer.id(ids.conversation(thread: write.thread))
        writer.key("member")
        if let owner = write.owner { writer.id(ids.member(owner: owner)) } else { writer.null() }
        writer.key("message")
        if case .copy(let copy) = write.row {
            writer.id(ids.message(thread: copy.thread, deduplicationKey: copy.deduplicationKey))
        } else {
            writer.null()
        }
        writer.key("command")
        writer.id(ids.command(for: write, part: "write"))
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }
}
