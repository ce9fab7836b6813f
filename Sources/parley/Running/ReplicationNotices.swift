import Replication

/// What the replicator tells, for people.
struct ReplicationNotices {
    /// Reading waits for an operator.
    private var isStopped = false

    /// One line on standard error, where there is something to know.
    mutating func tell(_ notice: ReplicationNotice) {
        switch notice {
        case .intake(.open):
            if isStopped { Console.complain("replicate: reading again") }
            isStopped = false
        case .intake(.full), .intake(.outage): break
        case .intake(.parkedPerLane(let lane)):
            isStopped = true
            Console.complain("replicate: stopped reading: lane \(lane) is full: mend it, then parley redrive")
        case .intake(.parkedInAll):
            isStopped = true
            Console.complain("replicate: stopped reading: too many parked records: mend them, then parley redrive")
        case .laneDied(let lane, let failure):
            Console.complain("replicate: lane \(lane) is dead (\(failure.kind.name)): \(failure.cause)")
        case .outageBegan: Console.complain("replicate: outage: most lanes fail: paused, trying one at a time")
        case .outageEnded: Console.complain("replicate: the outage is over")
        case .refused(_, let why): Console.complain("replicate: \(why)")
        case .logIsAway(let why): Console.complain("replicate: the log cannot be read, waiting: \(why)")
        case .logIsBack: Console.complain("replicate: the log is back")
        case .storeIsAway(let why): Console.complain("replicate: the replicator's store is away, waiting: \(why)")
        case .storeIsBack: Console.complain("replicate: the replicator's store is back")
        }
    }
}
