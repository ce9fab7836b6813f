public import EventLog
import Messaging
import Projection
import Wire

/// Says of each field of a subject which records made it what it is, by applying the records again, one by one, and looking
/// what the read path answers after each: so it follows the fold itself and no second set of rules.
///
/// Memory is bounded by the rows of one conversation in a database without a name, and what the answer holds. Time is that
/// of reading the partitions of the conversation and of the member, and some tenths of a millisecond for each record of
/// theirs. Threads: one at a time; calls block.
public struct Explainer {
    /// Commands that waited for one message and are told apart.
    static let waitingToldApart = 64

    private let subject: ExplainedSubject
    private let log: any EventLog
    private let bounds: [TopicPartition: Int64]
    private let progress: Past.Progress

    /// - Parameter moment: as of when; `nil`: the log's present end.
    /// - Throws: `TimeTravelError`, `LogError`.
    public init(
        _ subject: ExplainedSubject, in log: any EventLog, asOf moment: Moment? = nil,
        progress: @escaping Past.Progress = { _, _ in }
    ) throws {
        self.subject = subject
        self.log = log
        self.progress = progress
        bounds = try (moment ?? .time(.max)).bounds(in: log)
    }

    /// - Returns: the fields in the order of the answers, then `refused` and `parked`; `nil` when there is no such thing.
    /// - Throws: `TimeTravelError`, `LogError`, `ProjectionError`.
    public func run() throws -> [ExplainedField]? {
        if case .command(_, let id, _) = subject {
            guard let record = try first(id) else { return nil }
            var explanation = try CommandExplanation(record, try retelling(), subject)
            return try explanation.run()
        }
        var telling = try Telling(try retelling(), subject)
        while try telling.step() {}
        guard !telling.known.names.isEmpty || telling.refusedCount > 0 else { return nil }
        let releases = Releases(telling.releases) { places, aimless in
            let retelling = try self.retelling(to: places, aimless: aimless)
            while try retelling.step() != nil {}
            return try ExplainedState(retelling.views, subject).values()
        }
        return try telling.known.names.map { try releases.explained($0, telling.known.fields[$0]!) }
            + telling.exceptions
    }

    /// A command where it stands in the log for the first time: in the conversation's partition, or with a member in theirs.
    private func first(_ id: CommandID) throws -> Record? {
        let partition = subject.partitions(log.partitionCounts).last!
        let key = subject.member?.value ?? subject.conversation.value
        let records = SelectedRecords(partition, to: bounds[partition] ?? 0, keys: [key], in: log) { _ in }
        while let item = try records.next() {
            guard case .record(let logged) = item, logged.record.id == id,
                logged.record.conversation == subject.conversation
            else { continue }
            return logged.record
        }
        return nil
    }

    private func retelling(to places: [TopicPartition: Int64]? = nil, aimless: Set<Position> = []) throws -> Retelling {
        var read = 0
        let total = subject.partitions(log.partitionCounts).reduce(0) { $0 + Int(bounds[$1] ?? 0) }
        return try Retelling(subject, of: log, to: places ?? bounds, aimless: aimless) { [progress] count in
            read += count
            try progress(read, total)
        }
    }
}

/// A retelling under way, with what became known of the subject.
struct Telling {
    let retelling: Retelling
    private let state: ExplainedState
    private let subject: ExplainedSubject
    private(set) var known = KnownFields()
    private(set) var releases: [Release] = []
    private var refused = KnownFields.Field(value: .int(0), marks: [])
    private var parked = KnownFields.Field(value: .int(0), marks: [])
    /// Commands that wait, by message.
    private var waiting: [MessageID: [(cause: Cause, concerns: Bool)]] = [:]
    private static let exceptionsAtMost = 1_000

    init(_ retelling: Retelling, _ subject: ExplainedSubject) throws {
        self.retelling = retelling
        self.subject = subject
        state = try ExplainedState(retelling.views, subject)
    }

    var refusedCount: Int { refused.marks.count + parked.marks.count }

    /// Takes one step.
    /// - Returns: `false` at the end.
    mutating func step() throws -> Bool {
        guard let step = try retelling.step() else { return false }
        let release = try follow(step)
        known.take(try state.values(), KnownFields.Mark(cause: step.cause, release: release))
        return true
    }

    /// Notes what waits, what is set free, and what was refused.
    private mutating func follow(_ step: Retelling.Step) throws -> Int? {
        if step.cause.outcome == "parked" { Self.add(step.cause, to: &parked) }
        guard let record = step.record else { return nil }
        let isRefused =
            step.cause.outcome == "rejected" || step.cause.outcome == "duplicate" && step.cause.reason != nil
        if isRefused, subject.concerns(record) { Self.add(step.cause, to: &refused) }
        guard let target = record.command.target else { return nil }
        if step.cause.outcome == "orphaned" {
            waiting[target, default: []].append((step.cause, subject.concerns(record)))
            return nil
        }
        guard case .send = record.command, step.cause.outcome == "accepted",
            var freed = waiting.removeValue(forKey: target)
        else { return nil }
        for index in freed.indices {
            let reason = try retelling.rejection(at: freed[index].cause.position)
            freed[index].cause.outcome = reason == nil ? "accepted" : "rejected"
            freed[index].cause.reason = reason?.name
            if reason != nil, freed[index].concerns { Self.add(freed[index].cause, to: &refused) }
        }
        releases.append(Release(by: step, freed: freed.map(\.cause)))
        return releases.count - 1
    }

    private static func add(_ cause: Cause, to field: inout KnownFields.Field) {
        if case .int(let count) = field.value { field.value = .int(count + 1) }
        field.marks.append(KnownFields.Mark(cause: cause, release: nil))
        guard field.marks.count > exceptionsAtMost else { return }
        field.marks.remove(at: 1)
        field.omitted += 1
    }

    /// What was refused, and what was parked.
    var exceptions: [ExplainedField] {
        [("refused", refused), ("parked", parked)].filter { !$1.marks.isEmpty }.map { name, field in
            ExplainedField(
                name: name, value: field.value, causes: field.marks.map(\.cause), omitted: field.omitted)
        }
    }
}

extension ExplainedSubject {
    /// The partitions whose records can matter.
    func partitions(_ counts: PartitionCounts) -> [TopicPartition] {
        [counts.partition(of: conversation.value, .conversationCommands)]
            + (member.map { [counts.partition(of: $0.value, .memberCommands)] } ?? [])
    }

    /// Whether the record was about the subject, had it been accepted.
    func concerns(_ record: Record) -> Bool {
        switch (self, record.command) {
        case (.message(let key, _), let command): command.target == key.message
        case (.conversation, .send), (.conversation, .edit), (.conversation, .delete), (.conversation, .react): false
        case (.unread, .edit), (.unread, .react), (.mailbox, .edit), (.mailbox, .react): false
        default: true
        }
    }
}
