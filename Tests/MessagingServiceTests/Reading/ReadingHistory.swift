import ContentProtection
import EventLog
import Messaging
import MessagingService
import PersonalMetadata
import Postgres
import Projection
import SharedContent
import TestSupport
import ViewStorage
import Wire

/// A small history made by hand in an in-memory log, projected into both views and read back.
///
/// The clock stands still but for a step behind every record, so each ord is known: that of its record's append.
final class ReadingHistory {
    struct Sent: Equatable {
        var message: MessageID
        var ord: Int64
        var id: CommandID
    }

    let directory: String
    let clock = ManualClock(micros: 1_000_000)
    let log: InMemoryLog
    let keys: SQLiteKeyService
    /// Microseconds between one record and the next.
    var step: Int64 = 10
    private let sealer: ContentSealer
    private var commands: UInt64 = 0
    private var opened: ReadPath?
    /// Where the views are when not in files of the directory.
    private let database: String?

    /// - Parameter directory: for the keys, and for the views when `StoreKind.current` is SQLite.
    init(_ directory: String) throws {
        self.directory = directory
        database = StoreKind.current == .postgres ? try PostgresServer.shared().makeDatabase() : nil
        log = InMemoryLog(clock: clock.clock)
        keys = try SQLiteKeyService(file: "\(directory)/keys.sqlite", masterKey: .random(), ifMissing: .create)
        sealer = try ContentSealer(keys: keys)
    }

    deinit {
        if let database, let server = try? PostgresServer.shared() { server.dropDatabase(database) }
    }

    // MARK: Writing

    /// - Returns: the command's id and the ord of its record.
    @discardableResult
    func append(_ actor: MemberID, _ conversation: ConversationID, _ command: Command) throws -> (
        id: CommandID, ord: Int64
    ) {
        try append(nextID(), actor, conversation, command)
    }

    private func nextID() -> CommandID {
        commands += 1
        return Numbered.command(commands)
    }

    private func append(
        _ id: CommandID, _ actor: MemberID, _ conversation: ConversationID, _ command: Command
    ) throws -> (id: CommandID, ord: Int64) {
        let record = Record(id: id, actor: actor, conversation: conversation, command: command)
        let topic: Topic = command.isPersonal ? .memberCommands : .conversationCommands
        var value: [UInt8] = []
        try RecordCodec.encode(record, into: &value)
        var batch = AppendBatch()
        let partition = Partitioner.partition(of: record.key, count: log.partitionCounts[topic])
        batch.add(to: TopicPartition(topic, partition), key: record.key.bytes, value: value)
        let time = try log.append(batch)[0].appendTime
        clock.advance(byMicros: step)
        return (id, time)
    }

    @discardableResult
    func create(
        _ conversation: ConversationID, by actor: MemberID, _ members: [MemberID], title: String? = nil,
        history: History = .fromJoin
    ) throws -> Int64 {
        let id = nextID()
        let sealed = try title.map {
            try sealer.seal(Array($0.utf8), binding: .title(conversation: conversation, author: actor, command: id))
        }
        let create = CreateConversation(participants: members, title: sealed, history: history)
        return try append(id, actor, conversation, .createConversation(create)).ord
    }

    /// - Parameter other: makes it the first message of a direct conversation.
    @discardableResult
    func send(
        _ conversation: ConversationID, by actor: MemberID, _ text: String = "text", to other: MemberID? = nil
    ) throws -> Sent {
        let id = nextID()
        let message = Numbered.message(commands)
        let content = Content(text: Array(text.utf8)).canonicalJSON()
        let send = Send(
            message: message, clientToken: Array("\(id)".utf8),
            content: try seal(content, conversation, message, actor, id),
            digest: try sealer.digest(content: content, replyTo: nil, conversation: conversation), replyTo: nil,
            sentAt: nil, direct: other)
        return Sent(message: message, ord: try append(id, actor, conversation, .send(send)).ord, id: id)
    }

    @discardableResult
    func edit(_ sent: Sent, in conversation: ConversationID, by actor: MemberID, _ text: String) throws -> CommandID {
        let id = nextID()
        let content = Content(text: Array(text.utf8)).canonicalJSON()
        let edit = Edit(
            message: sent.message, content: try seal(content, conversation, sent.message, actor, id),
            expectedVersion: nil)
        return try append(id, actor, conversation, .edit(edit)).id
    }

    private func seal(
        _ content: [UInt8], _ conversation: ConversationID, _ message: MessageID, _ actor: MemberID, _ id: CommandID
    ) throws -> Sealed {
        try sealer.beginBatch()
        return try sealer.seal(
            content, binding: .body(conversation: conversation, message: message, author: actor, command: id))
    }

    func delete(_ sent: Sent, in conversation: ConversationID, by actor: MemberID) throws {
        try append(
            actor, conversation, .delete(Delete(message: sent.message, version: nil, reason: Array("rude".utf8))))
    }

    func read(_ conversation: ConversationID, by actor: MemberID, upTo ord: Int64, isPrivate: Bool = false) throws {
        try append(actor, conversation, .read(Read(upTo: .ord(ord), isPrivate: isPrivate)))
    }

    // MARK: Projecting and reading

    func project(_ views: [ProjectionName] = ProjectionName.allCases) throws {
        for view in views { try Self.project(view, into: open(view), from: log) }
    }

    static func project(_ view: ProjectionName, into store: any ViewStore, from log: any EventLog) throws {
        _ = try Projector(log: log, store: store, owner: HostProcess.owner(tag: view.rawValue)).catchUp()
    }

    /// The view's store, as its projector opens it.
    func open(_ view: ProjectionName) throws -> any ViewStore { try opener(view) }

    /// Opens views' stores, on any thread.
    var opener: @Sendable (ProjectionName) throws -> any ViewStore {
        let (directory, database) = (directory, database)
        return { view in
            let address = try database.map { try PostgresServer.shared().address($0) }
            return switch (view, address) {
            case (.shared, nil): try SQLiteSharedContentStore(path: "\(directory)/shared.sqlite")
            case (.personal, nil): try SQLitePersonalMetadataStore(path: "\(directory)/personal.sqlite")
            case (.shared, let address?): try PostgresSharedContentStore(address: address)
            case (.personal, let address?): try PostgresPersonalMetadataStore(address: address)
            }
        }
    }

    private func address() throws -> PostgresAddress? { try database.map { try PostgresServer.shared().address($0) } }

    private func openShared() throws -> any SharedContentQueries {
        guard let address = try address() else { return try SQLiteSharedContentQueries(path: path(.shared)) }
        do { return try PostgresSharedContentQueries(address: address) } catch let error as ProjectionError
            where error.code == .missing
        { return try SQLiteSharedContentQueries(path: ":memory:") }
    }

    private func openPersonal() throws -> any PersonalMetadataQueries {
        guard let address = try address() else { return try SQLitePersonalMetadataQueries(path: path(.personal)) }
        do { return try PostgresPersonalMetadataQueries(address: address) } catch let error as ProjectionError
            where error.code == .missing
        { return try SQLitePersonalMetadataQueries(path: ":memory:") }
    }

    private func path(_ view: ProjectionName) -> String { "\(directory)/\(view.rawValue).sqlite" }

    /// The read path over both views, as they are.
    func reads() throws -> ReadPath {
        if let opened { return opened }
        let made = try ReadPath(
            openShared: { [unowned self] in try openShared() },
            openPersonal: { [unowned self] in try openPersonal() },
            partitionCounts: log.partitionCounts, content: ContentOpener { [keys] in keys })
        opened = made
        return made
    }

    /// What is in the log is projected, then the whole mailbox read.
    func mailbox(of member: MemberID, archived: Bool = false, limit: Int = 500) throws -> MailboxPage {
        try project()
        return try reads().mailbox(of: member, archived: archived, after: nil, limit: limit).value
    }

    /// What is in the log is projected, then a conversation's newest page read.
    func conversation(_ id: ConversationID, as member: MemberID) throws -> ConversationPage? {
        try project()
        return try reads().conversation(id, as: member, .newest, limit: 500).value
    }
}

extension MessageAnswer {
    /// The text of a live message.
    var text: String? {
        guard case .live(let json) = state, let content = try? Content(canonicalJSON: json) else { return nil }
        return String(decoding: content.text, as: UTF8.self)
    }
}
