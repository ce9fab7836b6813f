public import Messaging
public import PersonalMetadata
import SharedContent

extension ReadPath {
    /// A page of the member's mailbox with the badge. A member nobody knows has an empty one.
    ///
    /// - Parameters:
    ///   - archived: only those, or all but those.
    ///   - token: of the page before.
    ///   - limit: rows at most, at least 1.
    /// - Throws: `ReadError`, `ProjectionError`, `ContentProtectionError`.
    public func mailbox(
        of member: MemberID, archived: Bool, after token: PageToken?, limit: Int, atLeast: AtLeast? = nil
    ) throws -> Answer<MailboxPage> {
        let place = try PageToken.place(token, archived ? "the archive" : "this mailbox") { place in
            switch place {
            case .mailbox(let place) where !archived: place
            case .archive(let place) where archived: place
            default: nil
            }
        }
        return try answer(scopes.sharedConversations + scopes.personal(member), atLeast) {
            let entries = try personal.mailbox(
                of: member, archived ? .archived : .unarchived, after: place, limit: limit + 1)
            let badge = try personal.badge(of: member, cap: Limits.unreadCap)
            let next = entries.count > limit ? entries[limit - 1].place : nil
            return MailboxPage(
                rows: try entries.prefix(limit).map(row), badge: badge,
                next: next.map { PageToken(archived ? .archive($0) : .mailbox($0)) })
        }
    }

    /// Conversations with anything unread, muted and archived ones too, in the mailbox's order.
    public func unread(
        of member: MemberID, after token: PageToken?, limit: Int, atLeast: AtLeast? = nil
    ) throws -> Answer<ListPage<MailboxEntry>> {
        let place = try PageToken.place(token, "what is unread") { place in
            if case .unread(let place) = place { place } else { nil }
        }
        return try answer(scopes.personal(member), atLeast) {
            let entries = try personal.mailbox(of: member, .unread, after: place, limit: limit + 1)
            return ListPage(entries, limit: limit) { .unread($0.place) }
        }
    }

    /// A row with its title. A direct conversation has none.
    func row(_ entry: MailboxEntry) throws -> MailboxRow {
        guard entry.kind == .group, let title = try shared.title(of: entry.conversation) else {
            return MailboxRow(entry: entry, title: nil)
        }
        return MailboxRow(entry: entry, title: try content.title(title, of: entry.conversation))
    }
}

extension ListPage {
    /// - Parameters:
    ///   - found: one more than `limit` when there is a next page.
    ///   - place: that of an item.
    init(_ found: [Item], limit: Int, place: (Item) -> PageToken.Place) {
        items = Array(found.prefix(limit))
        next = found.count > limit ? items.last.map { PageToken(place($0)) } : nil
    }
}
