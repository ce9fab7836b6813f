/// What the fold made of a record: always data, never a thrown error.
public enum Outcome: Sendable, Equatable {
    case accepted
    /// This command id, or this message with this payload, was judged before.
    case duplicate
    /// Its target is not here yet; it waits and is judged when the target comes.
    case orphaned
    case rejected(RejectionReason)
}

/// Why a command was rejected; when several hold, the first in this order is reported (SEMANTICS, "Outcomes").
public enum RejectionReason: UInt8, Sendable, CaseIterable, Comparable {
    case exists = 1
    case duplicateConflict
    case tooLarge
    case notParticipant
    case notAllowed
    case closed
    case deleted
    case notFound
    case lastVersion
    case versionConflict
    case tooMany

    /// The word that rows, JSON and metrics use.
    public var name: String { String(describing: self) }

    public static func < (left: RejectionReason, right: RejectionReason) -> Bool { left.rawValue < right.rawValue }
}
