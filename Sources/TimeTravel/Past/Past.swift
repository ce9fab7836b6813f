public import EventLog
public import Messaging
public import MessagingService
import Projection
import Wire

/// Answers of the read path as it gave them at a moment of the log: the records that matter are applied again, to views
/// that go with the answer.
///
/// What was erased since stays erased: keys have no past. Memory is bounded; time is that of reading the partitions that
/// matter, and of applying what belongs to the conversations asked for. Threads: one at a time; calls block.
public struct Past: Sendable {
    private static let batchRecords = 4_096

    private let log: any EventLog
    let bounds: [TopicPartition: Int64]
    private let progress: Progress

    /// Told how many records were read, of how many; throws to stop.
    public typealias Progress = @Sendable (_ read: Int, _ total: Int) throws -> Void

    /// - Throws: `TimeTravelError`, `LogError`.
    public init(_ moment: Moment, of log: any EventLog, progress: @escaping Progress = { _, _ in }) throws {
        self.log = log
        self.progress = progress
        bounds = try moment.bounds(in: log)
    }

    /// A read path for everything that concerns a member in one conversation.
    /// - Throws: `TimeTravelError`, `LogError`, `ProjectionError`.
    public func conversation(_ id: ConversationID, as member: MemberID, content: ContentOpener) throws -> ReadPath {
        try views(of: [id], member, in: [partition(of: id)], content, isWhole: false)
    }

    /// A read path for a member's mailbox.
    /// - Throws: `TimeTravelError`, `LogError`, `ProjectionError`.
    public func mailbox(of member: MemberID, content: ContentOpener) throws -> ReadPath {
        let partitions = log.partitionCounts.partitions(of: .conversationCommands)
        let named = try conversations(of: member, in: partitions)
        return try views(of: named, member, in: partitions, content, isWhole: true)
    }

    private func partition(of id: ConversationID) -> TopicPartition {
        TopicPartition(
            .conversationCommands,
            Partitioner.partition(of: id.value, count: log.partitionCounts[.conversationCommands]))
    }

    private func partition(of member: MemberID) -> TopicPartition {
        TopicPartition(
            .memberCommands, Partitioner.partition(of: member.value, count: log.partitionCounts[.memberCommands]))
    }

    /// - Parameter isWhole: whether these are all conversations that the member's own commands are about.
    private func views(
        of conversations: Set<ConversationID>, _ member: MemberID, in partitions: [TopicPartition],
        _ content: ContentOpener, isWhole: Bool
    ) throws -> ReadPath {
        let own = partition(of: member)
        let views = try PastViews(of: partitions + [own], counts: log.partitionCounts, content: content)
        let read = counting(partitions + [own])
        let keys = Set(conversations.map(\.value))
        for partition in partitions { try fill(views, partition, keys, read) { $0 } }
        try fill(views, own, [member.value], read) { item in
            isWhole ? item : item.withoutReach(unless: conversations)
        }
        return views.answers
    }

    private func fill(
        _ views: PastViews, _ partition: TopicPartition, _ keys: Set<Identifier>,
        _ read: @escaping (Int) throws -> Void, _ change: (ProjectionBatch.Item) -> ProjectionBatch.Item
    ) throws {
        let bound = bounds[partition] ?? 0
        let records = SelectedRecords(partition, to: bound, keys: keys, in: log, read: read)
        var items: [ProjectionBatch.Item] = []
        while let item = try records.next() {
            items.append(change(item))
            if items.count == Self.batchRecords {
                try views.apply(items, of: partition, to: item.offset + 1)
                items.removeAll(keepingCapacity: true)
            }
        }
        try views.apply(items, of: partition, to: bound)
    }

    /// Every conversation that names the member, or that the member's own commands name.
    private func conversations(of member: MemberID, in partitions: [TopicPartition]) throws -> Set<ConversationID> {
        var found: Set<ConversationID> = []
        let read = counting(partitions)
        for partition in partitions {
            try log.forEachRecord(of: partition, to: bounds[partition] ?? 0, read) { record in
                if record.names(member) { found.insert(record.conversation) }
            }
        }
        let own = partition(of: member)
        let records = SelectedRecords(own, to: bounds[own] ?? 0, keys: [member.value], in: log) { _ in }
        while let item = try records.next() {
            if case .record(let logged) = item { found.insert(logged.record.conversation) }
        }
        return found
    }

    private func counting(_ partitions: [TopicPartition]) -> (Int) throws -> Void {
        let total = partitions.reduce(0) { $0 + Int(bounds[$1] ?? 0) }
        var done = 0
        return { [progress] count in
            done += count
            try progress(done, total)
        }
    }
}

extension EventLog {
    /// Gives every record that can be decoded, up to a bound.
    func forEachRecord(
        of partition: TopicPartition, to bound: Int64, _ read: (Int) throws -> Void, _ body: (Record) -> Void
    ) throws {
        var place: Int64 = 0
        while place < bound {
            let batch = try self.read(
                partition, from: place, maxRecords: Int(min(bound - place, 4_096)), maxBytes: 4 << 20)
            guard batch.nextOffset > place else {
                throw TimeTravelError(.invalid, "\(partition) ends before offset \(bound): the log was cut or changed")
            }
            batch.forEachRecord { entry in
                if case .record(let logged) = ProjectionBatch.Item(entry, of: partition) { body(logged.record) }
            }
            try read(batch.count)
            place = batch.nextOffset
        }
    }
}

extension Record {
    /// Whether it can make the member a participant, or end that.
    func names(_ member: MemberID) -> Bool {
        if actor == member { return true }
        switch command {
        case .createConversation(let create): return create.participants.contains(member)
        case .send(let send): return send.direct == member
        case .addParticipants(let add): return add.members.contains(member)
        case .removeParticipant(let remove): return remove.member == member
        default: return false
        }
    }
}

extension ProjectionBatch.Item {
    /// A personal command of another conversation as one that waits for no message, because none comes: it keeps its id
    /// and its member ord, by which it matters here.
    func withoutReach(unless conversations: Set<ConversationID>) -> ProjectionBatch.Item {
        guard case .record(var logged) = self, !conversations.contains(logged.record.conversation) else { return self }
        switch logged.record.command {
        case .read(let read): logged.record.command = .read(Read(upTo: .ord(0), isPrivate: read.isPrivate))
        case .archive(let archive) where archive.upTo != nil:
            logged.record.command = .archive(Archive(upTo: .ord(0)))
        default: return self
        }
        return .record(logged)
    }
}
