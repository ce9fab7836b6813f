public import Messaging

/// What the replicator tells while it works.
public enum ReplicationNotice: Sendable, Equatable {
    case intake(LaneScheduler.Intake)
    case laneDied(ConversationID, LaneFailure)
    case outageBegan
    case outageEnded
    case refused(ConversationID, String)
    /// The log cannot be read; why. It is tried again until it can.
    case logIsAway(String)
    case logIsBack
    /// The store does not answer; why. It is tried again until it does.
    case storeIsAway(String)
    case storeIsBack
}

/// What a run did.
public struct ReplicationReport: Sendable, Equatable {
    /// Legacy writes read, those read again after a restart too.
    public var read = 0
    /// Legacy writes applied, repetitions too.
    public var applied = 0
    /// Commands appended.
    public var commands = 0
    /// Attempts that failed, by class.
    public var failures: [LaneFailure.Class: Int] = [:]
    /// Commands by the converter that made them.
    public var converters: [String: Int] = [:]
    /// Parked records now.
    public var parked = 0

    mutating func add(_ counts: CommandCounts) {
        commands += counts.commands
        for (names, count) in counts.lists { for name in names { converters[name, default: 0] += count } }
    }

    /// By the names of ``ReplicationFigures/counts``, what was counted since.
    func counts(since earlier: ReplicationReport) -> [String: Int64] {
        var counts = [
            "read": Int64(read - earlier.read), "applied": Int64(applied - earlier.applied),
            "commands": Int64(commands - earlier.commands),
        ]
        for (kind, count) in failures { counts["failures.\(kind.name)"] = Int64(count - (earlier.failures[kind] ?? 0)) }
        for (name, count) in converters {
            counts["converter.\(name)"] = Int64(count - (earlier.converters[name] ?? 0))
        }
        return counts.filter { $0.value != 0 }
    }
}

extension LaneScheduler.Intake {
    /// The word that rows and JSON use.
    public var name: String {
        switch self {
        case .open: "open"
        case .full: "full"
        case .outage: "outage"
        case .parkedPerLane: "parkedPerLane"
        case .parkedInAll: "parkedInAll"
        }
    }
}
