import EventLog
import Messaging
import Projection
import Wire

/// What became of one command, and which fields decided that.
///
/// The command is read first, so that everything its outcome may depend on is followed from the beginning; a field as it
/// was when the command was judged, and what had made it so, is then at hand.
struct CommandExplanation {
    private let record: Record
    private let topic: Topic
    private let retelling: Retelling
    private let state: ExplainedState
    private var known = KnownFields()
    /// The command at its first position.
    private var cause: Cause?
    /// The send that it waited for.
    private var release: Cause?
    /// The fields that decided, or that it changed.
    private var fields: [ExplainedField] = []
    private var copies: [Cause] = []

    /// - Parameter record: the command as it stands in the log for the first time.
    init(_ record: Record, _ retelling: Retelling, _ subject: ExplainedSubject) throws {
        self.record = record
        topic = record.command.isPersonal ? .memberCommands : .conversationCommands
        self.retelling = retelling
        state = try ExplainedState(retelling.views, subject)
    }

    mutating func run() throws -> [ExplainedField]? {
        while let step = try retelling.step() {
            let isIt = step.record?.id == record.id && step.cause.position.partition.topic == topic
            if isIt, cause != nil { copies.append(step.cause) }
            guard cause == nil || cause?.outcome == "orphaned" else { continue }
            let before = known
            known.take(try state.context(of: record), KnownFields.Mark(cause: step.cause, release: nil))
            if isIt, cause == nil { try judge(step.cause, before: before) } else { try free(by: step) }
        }
        return cause.map { answer($0) }
    }

    private mutating func judge(_ cause: Cause, before: KnownFields) throws {
        self.cause = cause
        if cause.outcome == "rejected" { fields = before.explained(deciding(cause.reason)) }
        if cause.outcome == "accepted" { fields = known.explained(changed(by: cause)) }
    }

    /// Its message has come.
    private mutating func free(by step: Retelling.Step) throws {
        guard var freed = cause, step.cause.outcome == "accepted", let sent = step.record, case .send = sent.command,
            sent.command.target == record.command.target
        else { return }
        let reason = try retelling.rejection(at: freed.position)
        freed.outcome = reason == nil ? "accepted" : "rejected"
        freed.reason = reason?.name
        cause = freed
        release = step.cause
        fields = known.explained(reason == nil ? changed(by: step.cause) : deciding(freed.reason))
    }

    private func changed(by cause: Cause) -> [String] {
        known.names.filter { known.fields[$0]!.marks.last?.cause == cause }
    }

    /// The fields that a reason speaks of (the rules of SEMANTICS name them).
    private func deciding(_ reason: String?) -> [String] {
        let actor = "participants.\(record.actor)"
        return switch reason {
        case "exists": ["kind"]
        case "notParticipant": ["kind", actor] + others
        case "notAllowed": ["kind", actor, "message.sender"]
        case "closed": ["closed"]
        case "duplicateConflict": ["message.ord", "message.sender"]
        case "deleted": ["message.state", "message.deletedBy", "message.deletedAt"]
        case "notFound", "lastVersion": ["message.versions"]
        case "versionConflict": ["message.version"]
        case "tooMany": ["participantCount", "message.reactions"]
        default: []
        }
    }

    /// Members beside the actor that must be there.
    private var others: [String] {
        switch record.command {
        case .setModerator(let set): ["participants.\(set.member)"]
        case .send(let send): send.direct.map { ["participants.\($0)"] } ?? []
        default: []
        }
    }

    private func answer(_ cause: Cause) -> [ExplainedField] {
        let causes = [cause] + (release.map { [$0] } ?? [])
        func field(_ name: String, _ text: String?) -> ExplainedField {
            let value = text.map { JSONValue.string(Array($0.utf8)) }
            return ExplainedField(name: name, value: value ?? .null, causes: causes, omitted: 0)
        }
        let copied = ExplainedField(name: "copies", value: .int(Int64(copies.count)), causes: copies, omitted: 0)
        return [
            field("command", record.command.name), field("outcome", cause.outcome), field("reason", cause.reason),
        ] + (copies.isEmpty ? [] : [copied]) + fields
    }
}

extension KnownFields {
    /// The fields under these names; of a name under which there is none, that nothing ever made it anything.
    fileprivate func explained(_ prefixes: [String]) -> [ExplainedField] {
        prefixes.flatMap { prefix -> [ExplainedField] in
            let names = names.filter { $0 == prefix || $0.hasPrefix(prefix + ".") }
            if names.isEmpty { return [ExplainedField(name: prefix, value: .null, causes: [], omitted: 0)] }
            return names.map { name in
                let field = fields[name]!
                return ExplainedField(
                    name: name, value: FieldValues.shown(name, field.value), causes: field.marks.map(\.cause),
                    omitted: field.omitted)
            }
        }
    }
}
