import Messaging
import MessagingService
import SharedContent
import Wire

/// A message for people: a line of who and when, its text, a line of all else.
enum MessageText {
    /// - Throws: `WireError` when opened content is not what a member can have written.
    static func text(_ answer: MessageAnswer) throws -> String {
        let message = answer.message
        var lines = ["\(answer.isRead ? " " : "*") \(TextTime.text(micros: message.ord))  \(message.sender)"]
        switch answer.state {
        case .erased: lines.append("    (erased)")
        case .deleted: lines.append("    (deleted\(reason(message.tombstone)))")
        case .hidden: lines.append("    (hidden)")
        case .live(let json): lines += try body(json)
        }
        return (lines + ["    \(details(answer).joined(separator: ", "))"]).joined(separator: "\n") + "\n"
    }

    private static func reason(_ tombstone: Tombstone?) -> String {
        guard let tombstone else { return "" }
        return " by \(tombstone.by)" + (tombstone.reason.map { ": \(TextTable.plain($0))" } ?? "")
    }

    /// Lines of the text, then one for each attachment.
    static func body(_ json: [UInt8]) throws -> [String] {
        let content = try Content(canonicalJSON: json)
        var lines: [String] = []
        if !content.text.isEmpty {
            lines += content.text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
                "    " + TextTable.plain(Array($0))
            }
        }
        return lines + content.attachments.map { "    [\(TextTable.plain($0.name ?? $0.uri))]" }
    }

    private static func details(_ answer: MessageAnswer) -> [String] {
        let message = answer.message
        var details = ["message \(message.key.message)"]
        if let replyTo = message.replyTo { details.append("reply to \(replyTo)") }
        if answer.isEdited { details.append("edited") }
        if answer.isStarred { details.append("starred") }
        var counts: [(reaction: [UInt8], count: Int)] = []
        for reaction in message.reactions {
            if counts.last?.reaction == reaction.reaction {
                counts[counts.count - 1].count += 1
            } else {
                counts.append((reaction.reaction, 1))
            }
        }
        return details + counts.map { "\(TextTable.plain($0.reaction)) x\($0.count)" }
    }
}
