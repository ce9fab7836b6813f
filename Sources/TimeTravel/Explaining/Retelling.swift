import EventLog
import Messaging
import MessagingService
import Projection
import SharedContent
import Wire

/// The records that can matter to a subject, applied one by one in the order of their append times; those of one time by
/// topic.
///
/// They are all records of one conversation, and where a member matters that member's own. What the member asked of other
/// conversations is applied together: it matters by its ids and ords alone.
final class Retelling {
    /// A record, and what became of it.
    struct Step {
        var cause: Cause
        /// `nil` when it cannot be decoded.
        var record: Record?
        /// Where each partition stands behind it.
        var places: [TopicPartition: Int64]
    }

    let views: PastViews
    private let subject: ExplainedSubject
    private let sources: [SelectedRecords]
    /// Commands that shall find no message to apply to.
    private let aimless: Set<Position>
    private var places: [TopicPartition: Int64] = [:]
    /// Records of the member about other conversations, to be applied before the next one.
    private var others: [ProjectionBatch.Item] = []
    private static let othersAtOnce = 4_096
    /// A message that nobody has.
    private static let nobodys = MessageID(Identifier(high: .max, low: .max))

    /// - Parameters:
    ///   - bounds: where each partition ends.
    ///   - aimless: positions of commands that shall find no message.
    init(
        _ subject: ExplainedSubject, of log: any EventLog, to bounds: [TopicPartition: Int64], aimless: Set<Position>,
        read: @escaping (Int) throws -> Void
    ) throws {
        self.subject = subject
        self.aimless = aimless
        let conversation = subject.conversation
        var places: [(TopicPartition, Identifier)] = [
            (log.partitionCounts.partition(of: conversation.value, .conversationCommands), conversation.value)
        ]
        if let member = subject.member {
            places.append((log.partitionCounts.partition(of: member.value, .memberCommands), member.value))
        }
        sources = places.map { partition, key in
            SelectedRecords(partition, to: bounds[partition] ?? 0, keys: [key], in: log, read: read)
        }
        views = try PastViews(of: places.map(\.0), counts: log.partitionCounts, content: ContentOpener())
    }

    /// Applies the next record.
    /// - Parameter before: told the record before it is applied.
    /// - Returns: `nil` at the end.
    func step(before: (Record) throws -> Void = { _ in }) throws -> Step? {
        while let (source, item) = try earliest() {
            _ = try source.next()
            if case .record(let logged) = item, logged.record.conversation != subject.conversation {
                others.append(item.withoutReach(unless: [subject.conversation]))
                if others.count == Self.othersAtOnce { try applyOthers(source.partition) }
                continue
            }
            try applyOthers(source.partition)
            if case .record(let logged) = item { try before(logged.record) }
            return try apply(item, source.partition)
        }
        return nil
    }

    private func earliest() throws -> (SelectedRecords, ProjectionBatch.Item)? {
        var found: (SelectedRecords, ProjectionBatch.Item)?
        for source in sources {
            guard let item = try source.peek() else { continue }
            if found == nil || item.appendTime < found!.1.appendTime { found = (source, item) }
        }
        return found
    }

    private func applyOthers(_ partition: TopicPartition) throws {
        guard partition.topic == .memberCommands, let last = others.last else { return }
        try views.apply(others, of: partition, to: last.offset + 1, isShared: false)
        places[partition] = last.offset + 1
        others.removeAll(keepingCapacity: true)
    }

    private func apply(_ item: ProjectionBatch.Item, _ partition: TopicPartition) throws -> Step {
        let position = Position(partition, item.offset)
        let aimed = aimless.contains(position) ? item.aimed(at: Self.nobodys) : item
        let report = try views.apply(
            [aimed], of: partition, to: item.offset + 1, isPersonal: subject.member != nil)
        places[partition] = item.offset + 1
        var cause = Cause(position: position, appendTime: item.appendTime, outcome: "")
        let judged = partition.topic == .conversationCommands ? report.shared : report.personal
        cause.outcome = judged.onlyOutcome
        var record: Record?
        switch item {
        case .record(let logged):
            record = logged.record
            cause.actor = logged.record.actor
            cause.id = logged.record.id
            cause.command = logged.record.command.name
            cause.origin = logged.record.origin
            // A copy of what a legacy system said may disagree with others, which is reported beside what it is.
            let mayDisagree = judged.duplicate == 1 && logged.record.origin == .legacy
            if judged.rejected == 1 || mayDisagree { cause.reason = try rejection(at: position)?.name }
            if judged.parked == 1 { cause.reason = UnreadableRecord.behind }
        case .unreadable(let unreadable): cause.reason = unreadable.reason
        }
        return Step(cause: cause, record: record, places: places)
    }

    /// Why the command at a position was rejected; `nil` when it was not.
    func rejection(at position: Position) throws -> RejectionReason? {
        try views.sharedQueries.read {
            let before = Position(position.partition, position.offset - 1)
            let next = try views.sharedQueries.rejections(of: nil, after: before, limit: 1).first
            return next?.position == position ? next?.reason : nil
        }
    }
}

extension PartitionCounts {
    func partition(of key: Identifier, _ topic: Topic) -> TopicPartition {
        TopicPartition(topic, Partitioner.partition(of: key, count: self[topic]))
    }
}

extension BatchReport {
    /// Of a batch of one record.
    fileprivate var onlyOutcome: String {
        if parked == 1 { return "parked" }
        if rejected == 1 { return "rejected" }
        if orphaned == 1 { return "orphaned" }
        return duplicate == 1 ? "duplicate" : "accepted"
    }
}

extension ProjectionBatch.Item {
    /// The same command about another message.
    fileprivate func aimed(at message: MessageID) -> ProjectionBatch.Item {
        guard case .record(var logged) = self else { return self }
        switch logged.record.command {
        case .edit(var edit):
            edit.message = message
            logged.record.command = .edit(edit)
        case .delete(var delete):
            delete.message = message
            logged.record.command = .delete(delete)
        case .react(var react):
            react.message = message
            logged.record.command = .react(react)
        case .read(var read):
            read.upTo = .message(message)
            logged.record.command = .read(read)
        case .archive(var archive):
            archive.upTo = .message(message)
            logged.record.command = .archive(archive)
        default: return self
        }
        return .record(logged)
    }
}
