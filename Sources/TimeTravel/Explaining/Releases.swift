import EventLog
import Messaging
import Wire

/// A send that set free what had waited for it.
struct Release {
    var by: Retelling.Step
    /// In the order in which they were judged.
    var freed: [Cause]
}

/// Tells apart what a send did and what those did that had waited for it: the history up to the send is told again with
/// only the first of them, only the first two, and so on, the others aimed at a message that nobody has. What a field
/// changed by last is what made it so.
final class Releases {
    private let releases: [Release]
    private let values: (_ places: [TopicPartition: Int64], _ aimless: Set<Position>) throws -> FieldValues
    private var known: [Int: [FieldValues]] = [:]

    /// - Parameter values: the subject's, at these places, with some commands aimed at no message.
    init(
        _ releases: [Release],
        _ values: @escaping (_ places: [TopicPartition: Int64], _ aimless: Set<Position>) throws -> FieldValues
    ) {
        self.releases = releases
        self.values = values
    }

    func explained(_ name: String, _ field: KnownFields.Field) throws -> ExplainedField {
        ExplainedField(
            name: name, value: FieldValues.shown(name, field.value),
            causes: try field.marks.flatMap { try causes(name, $0) }, omitted: field.omitted)
    }

    private func causes(_ name: String, _ mark: KnownFields.Mark) throws -> [Cause] {
        guard let index = mark.release else { return [mark.cause] }
        let steps = try values(of: index)
        for count in stride(from: steps.count - 1, to: 0, by: -1) where steps[count][name] != steps[count - 1][name] {
            return [releases[index].freed[count - 1], mark.cause]
        }
        return [mark.cause]
    }

    /// The fields behind the send with none, one, ... of those that waited.
    private func values(of index: Int) throws -> [FieldValues] {
        if let known = known[index] { return known }
        let release = releases[index]
        let toldApart = min(release.freed.count, Explainer.waitingToldApart)
        let steps = try (0...toldApart).map { count in
            try values(release.by.places, Set(release.freed[count...].map(\.position)))
        }
        known[index] = steps
        return steps
    }
}
