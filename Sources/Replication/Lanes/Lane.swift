import EventLog
public import Messaging

/// Where a lane stands.
public enum LaneState: Sendable, Equatable {
    /// Has records and may be attempted.
    case ready
    case running
    /// Its head failed and is tried again at this time, in milliseconds.
    case waiting(untilMillis: Int64)
    /// Its head failed for good. Kept, and still blocking itself, until an operator redrives it.
    case dead

    /// The word that rows, JSON and metrics use.
    public var name: String {
        switch self {
        case .ready: "ready"
        case .running: "running"
        case .waiting: "waiting"
        case .dead: "dead"
        }
    }
}

/// A lane as its store keeps it: only lanes with parked records are stored.
public struct StoredLane: Sendable, Equatable {
    public var lane: ConversationID
    public var isDead: Bool
    /// When to try again, in milliseconds; of a dead one when it died.
    public var dueMillis: Int64
    /// How often the present head has failed.
    public var attempts: Int
    /// When the present head failed first.
    public var failingSinceMillis: Int64
    public var failure: LaneFailure

    public init(
        lane: ConversationID, isDead: Bool, dueMillis: Int64, attempts: Int, failingSinceMillis: Int64,
        failure: LaneFailure
    ) {
        self.lane = lane
        self.isDead = isDead
        self.dueMillis = dueMillis
        self.attempts = attempts
        self.failingSinceMillis = failingSinceMillis
        self.failure = failure
    }
}

/// All legacy writes of one conversation that are neither applied nor skipped, in order.
struct Lane: Sendable {
    struct Entry: Sendable {
        var position: Position
        /// Its place in ``CompletedPrefix``; `nil` once it is settled there by being parked.
        var ticket: CompletedPrefix.Ticket?
    }

    private var entries: [Entry] = []
    private var start = 0
    /// How many entries, from the head, are in the store.
    var parkedCount = 0
    var state = LaneState.ready
    var attempts = 0
    /// When the present head failed first; `nil` while nothing has failed.
    var failingSinceMillis: Int64?
    var failure: LaneFailure?
    /// Its head has been parked, so what follows is parked too.
    var isParked = false
    /// Redriven at a limited rate, until it fails again or is not parked any more.
    var isPaced = false
    /// Tells the present wait from earlier ones in the queue of times.
    var wait = 0
    /// Entries of the attempt that runs.
    var inAttempt = 0

    var count: Int { entries.count - start }
    var isEmpty: Bool { count == 0 }
    var hasFailed: Bool { failure != nil }
    var lastPosition: Position? { entries.last?.position }

    subscript(index: Int) -> Entry {
        get { entries[start + index] }
        set { entries[start + index] = newValue }
    }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    mutating func removeFirst() -> Entry {
        let entry = entries[start]
        start += 1
        if start > 64, start * 2 > entries.count {
            entries.removeFirst(start)
            start = 0
        }
        if parkedCount > 0 { parkedCount -= 1 }
        return entry
    }

    func positions(first count: Int) -> [Position] { entries[start..<start + count].map(\.position) }

    mutating func forgetFailure() {
        attempts = 0
        failingSinceMillis = nil
        failure = nil
    }
}
