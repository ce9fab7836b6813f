import LegacyMailbox
import Messaging
import Replication

/// Both folds over what legacy writes become, in memory and from nothing: all that a record names is absent at first and
/// stays within one batch. Nothing is sealed: content stands in clear, and its digest is a hash of it.
struct LegacyFolds {
    var shared = ConversationFold(scope: .shared)
    var personal = PersonalFold()
    private var records: Int64 = 0

    static let identifiers = LegacyIdentifiers(namespace: .defaultNamespace)

    /// Applies a write, appended to the log at a time.
    mutating func apply(_ write: LegacyWrite, at time: Int64) throws {
        for record in try Self.records(of: write) { apply(record, at: time) }
    }

    mutating func apply(_ record: Record, at time: Int64) {
        records += 1
        let logged = LoggedRecord(record: record, partition: 0, offset: records - 1, appendTime: time)
        if !record.command.isPersonal {
            let needs = ConversationNeeds([logged])
            for key in shared.staysToLoad(for: needs) { shared.load(key, intervals: []) }
            _ = shared.apply(logged)
        }
        var needs = PersonalNeeds()
        needs.add(record)
        personal.loadConversations { fold in
            for key in fold.staysToLoad(for: needs.conversations) { fold.load(key, intervals: []) }
        }
        for id in personal.participantsToLoad(for: needs) { personal.load(id, participants: []) }
        for id in personal.membersToLoad(for: needs) {
            personal.load(id, nil)
            personal.load(id, mailbox: [])
        }
        for key in personal.rowsToLoad(after: needs) { personal.load(key, nil) }
        _ = personal.apply(logged)
    }

    static func records(of write: LegacyWrite) throws -> [Record] {
        try Translator().translate(write, ConversionContext(write, identifiers)).map { command in
            Record(
                id: command.id, actor: command.actor, conversation: command.conversation, command: command.inClear,
                origin: .legacy, sourceVersion: command.sourceVersion)
        }
    }

    /// All that was folded, in the order of the keys, but what a later copy of a record may move: last ords, and where a
    /// rejection stands.
    struct State: Equatable {
        var conversations: [ConversationRow] = []
        var messages: [MessageRow] = []
        var versions: [VersionRow] = []
        var intervals: [MembershipInterval] = []
        var seen: [MessageRow] = []
        var rows: [PersonalRow] = []
        var marks: [PersonalMessageKey: PersonalMessageRow] = [:]
    }

    var state: State {
        var state = State()
        for fold in [shared, personal.conversations] {
            fold.forEachConversation { _, row, _ in
                var row = row
                (row.lastOrd, row.lastLeft) = (0, 0)
                state.conversations.append(row)
            }
            fold.forEachInterval { _, interval, _ in state.intervals.append(interval) }
        }
        state.intervals.sort { ($0.joined, $0.left ?? .max) < ($1.joined, $1.left ?? .max) }
        shared.forEachMessage { _, row, _ in state.messages.append(row) }
        shared.forEachNewVersion { _, row in state.versions.append(row) }
        state.versions.sort { $0.ord < $1.ord }
        personal.conversations.forEachMessage { _, row, _ in
            // The view keeps place, sender and whether it is deleted.
            var seen = row
            (seen.sourceVersion, seen.replyTo, seen.digest) = (nil, nil, PayloadDigest(Identifier(high: 0, low: 0)))
            seen.tombstone = row.tombstone.map { Tombstone(by: $0.by, ord: 0, reason: nil) }
            (seen.original, seen.current) = (CommandID(row.sender.value), nil)
            state.seen.append(seen)
        }
        personal.forEachRow { key, row, _ in
            let last = personal.conversations.row(of: key.conversation)?.lastSend ?? 0
            var row = row.merged(lastSend: last)
            row.placement = .unindexed
            state.rows.append(row)
        }
        personal.forEachMark { key, row in state.marks[key] = row }
        return state
    }

    func mark(_ member: MemberID, _ message: MessageID) -> PersonalMessageRow? {
        var found: PersonalMessageRow?
        personal.forEachMark { key, row in
            if key.member == member && key.target.message == message { found = row }
        }
        return found
    }

    /// What a message says now; `nil` when it is deleted or not there.
    func text(_ message: MessageID) -> [UInt8]? {
        var text: [UInt8]?
        shared.forEachMessage { key, row, _ in
            guard key.message == message, let current = row.current else { return }
            text = row.content?.bytes
            guard current != row.original else { return }
            shared.forEachNewVersion { key, version in
                if key.message == message && version.id == current { text = version.content?.bytes }
            }
        }
        return text
    }
}

extension ReplicatedCommand {
    /// The command as the log would have it, with nothing sealed.
    fileprivate var inClear: Command {
        switch kind {
        case .found(let title):
            .createConversation(
                CreateConversation(participants: [], title: Sealed(title), history: .fromJoin))
        case .rename(let title): .rename(Rename(title: Sealed(title)))
        case .stay(let stay): .stay(stay)
        case .send(let sent):
            .send(
                Send(
                    message: sent.message, clientToken: [], content: Sealed(sent.content.text),
                    digest: Self.digest(sent.content.text), replyTo: sent.replyTo, sentAt: nil, direct: nil,
                    legacyOrd: sent.sentAt))
        case .edit(let message, let content, let editedAt):
            .edit(
                Edit(
                    message: message, content: Sealed(content.text), expectedVersion: nil,
                    legacy: LegacyEdit(ord: editedAt, digest: Self.digest(content.text))))
        case .delete(let delete): .delete(delete)
        case .copyState(let state): .copyState(state)
        case .archive(let archive): .archive(archive)
        }
    }

    private static func digest(_ text: [UInt8]) -> PayloadDigest {
        PayloadDigest(Identifier.version5(namespace: .defaultNamespace, name: text))
    }
}
