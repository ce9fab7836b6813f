import EventLog
public import Messaging
import PersonalMetadata
public import Projection
import SharedContent
import ViewStorage

extension ReadPath {
    /// A piece of an export.
    public enum Exported: Sendable {
        case row(MailboxRow)
        case message(MessageAnswer)
    }

    private static let exportPage = 500

    /// Everything the member may see: of each conversation, left and archived ones too, newest activity first, its row,
    /// then its messages in order. One state of each view, however long it takes; memory stays bounded.
    /// - Throws: `ReadError`, `ProjectionError`, `ContentProtectionError`, and what `body` throws.
    public func export(of member: MemberID, atLeast: AtLeast? = nil, _ body: (Exported) throws -> Void) throws {
        _ = try answer(scopes.sharedConversations + scopes.personal(member), atLeast) {
            var place: MailboxPlace?
            while true {
                let entries = try personal.mailbox(of: member, .all, after: place, limit: Self.exportPage)
                for entry in entries {
                    try body(.row(try row(entry)))
                    try exportMessages(of: entry.conversation, member, body)
                }
                guard entries.count == Self.exportPage else { return }
                place = entries.last?.place
            }
        }
    }

    private func exportMessages(
        of id: ConversationID, _ member: MemberID, _ body: (Exported) throws -> Void
    ) throws {
        // The shared view may not have come as far as the personal one.
        guard let sight = try sight(of: id, member) else { return }
        var place: MessagePlace?
        while true {
            let messages = try visible(sight, from: place, forward: true, limit: Self.exportPage)
            for answer in try answers(messages, sight) { try body(.message(answer)) }
            guard messages.count == Self.exportPage else { return }
            place = messages.last?.place
        }
    }

    /// Every row of a view, each as a line of canonical JSON without the line feed.
    public func dump(_ view: ProjectionName, atLeast: AtLeast? = nil, _ body: ([UInt8]) throws -> Void) throws {
        _ = try answer(scopes.everything(of: view), atLeast) {
            switch view {
            case .shared: try shared.dump(body)
            case .personal: try personal.dump(body)
            }
        }
    }
}
