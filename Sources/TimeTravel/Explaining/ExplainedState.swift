import Messaging
import MessagingService
import PersonalMetadata
import SQLite
import SharedContent
import ViewStorage
import Wire

/// What the views say of a subject now, as the read path answers it.
struct ExplainedState {
    let views: PastViews
    let subject: ExplainedSubject
    private let participants: ParticipantsState

    init(_ views: PastViews, _ subject: ExplainedSubject) throws {
        self.views = views
        self.subject = subject
        participants = try ParticipantsState(views)
    }

    func values() throws -> FieldValues {
        switch subject {
        case .message(let key, let member): try message(key, member)
        case .conversation(let id): try conversation(id)
        case .unread(let id, let member): try unread(id, member)
        case .mailbox(let id, let member): try mailbox(id, member)
        case .command: FieldValues()
        }
    }

    /// Everything that a command's outcome may have depended on.
    func context(of record: Record) throws -> FieldValues {
        if record.command.isPersonal {
            var values = try mailbox(record.conversation, record.actor)
            if let target = record.command.target {
                let key = ConversationMessage(record.conversation, target)
                values.add(try message(key, record.actor), under: "message.")
            }
            return values
        }
        var values = try conversation(record.conversation)
        if let target = record.command.target {
            values.add(try message(ConversationMessage(record.conversation, target), nil), under: "message.")
        }
        return values
    }

    private func message(_ key: ConversationMessage, _ member: MemberID?) throws -> FieldValues {
        if let member {
            guard let answer = try views.answers.message(key, as: member).value else { return FieldValues() }
            return try FieldValues(answer.write).without(["conversation", "message"])
        }
        guard let answer = try views.answers.message(key).value else { return FieldValues() }
        return try FieldValues(answer.write).without(["conversation", "message", "starred", "read"])
    }

    private func conversation(_ id: ConversationID) throws -> FieldValues {
        guard let answer = try views.answers.conversation(id).value else { return FieldValues() }
        var values = try FieldValues { answer.write(to: &$0) }.without(["conversation"])
        values.add(try participants.values(of: id), under: "")
        return values
    }

    private func mailbox(_ id: ConversationID, _ member: MemberID) throws -> FieldValues {
        guard let row = try views.answers.mailboxRow(of: id, as: member).value else { return FieldValues() }
        return try FieldValues(row.write).without(["conversation"])
    }

    private func unread(_ id: ConversationID, _ member: MemberID) throws -> FieldValues {
        let all = try mailbox(id, member)
        var values = FieldValues()
        for name in ["unread", "unreadCapped", "markedUnread", "left"] {
            if let value = all[name] { values.set(name, value) }
        }
        if let row = try views.answers.mailboxRow(of: id, as: member).value?.entry.row {
            values.set("readUpTo", .int(row.readUpTo))
            values.set("joined", row.joined.map { .int($0) } ?? .null)
        }
        return values
    }
}

/// The participants of the one conversation, read again only when their table has changed.
private final class ParticipantsState {
    private static let page = 500

    private let views: PastViews
    private let changes: Statement
    private var seen: Int64 = -1
    private var known = FieldValues()

    init(_ views: PastViews) throws {
        self.views = views
        let connection = views.shared.database.connection
        changes = try views.shared.database.explaining {
            try connection.execute("CREATE TEMP TABLE participant_changes (count INTEGER NOT NULL)")
            try connection.execute("INSERT INTO participant_changes VALUES (0)")
            for change in ["INSERT", "UPDATE", "DELETE"] {
                try connection.execute(
                    """
                    CREATE TEMP TRIGGER participant_\(change) AFTER \(change) ON main.participant
                    BEGIN UPDATE participant_changes SET count = count + 1; END
                    """)
            }
            return try connection.prepare("SELECT count FROM participant_changes")
        }
    }

    func values(of id: ConversationID) throws -> FieldValues {
        let count = try views.shared.database.explaining {
            defer { changes.reset() }
            _ = try changes.step()
            return changes.int64(0)
        }
        guard count != seen else { return known }
        seen = count
        var entries: [ParticipantEntry] = []
        try views.sharedQueries.read {
            var place: ParticipantPlace?
            repeat {
                let page = try views.sharedQueries.participants(of: id, after: place, limit: Self.page)
                entries += page
                place = page.last.map { ParticipantPlace(joined: $0.interval.joined, member: $0.member) }
                if page.count < Self.page { break }
            } while true
        }
        known = try FieldValues { writer in
            writer.beginObject()
            writer.key("participants")
            writer.beginArray()
            for entry in entries { entry.write(to: &writer) }
            writer.endArray()
            writer.endObject()
        }
        return known
    }
}

extension Command {
    /// The message it is about.
    var target: MessageID? {
        switch self {
        case .send(let send): send.message
        case .edit(let edit): edit.message
        case .delete(let delete): delete.message
        case .react(let react): react.message
        case .star(let mark), .hide(let mark): mark.message
        case .read(let read): read.upTo.message
        case .archive(let archive): archive.upTo?.message
        default: nil
        }
    }
}

extension UpTo {
    fileprivate var message: MessageID? { if case .message(let id) = self { id } else { nil } }
}
