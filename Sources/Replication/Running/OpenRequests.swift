import Messaging

/// What operators asked for and has not been carried out to the end.
///
/// A request stays in the store for as long as its lane goes at a limited rate, so that a restart goes on with it.
struct OpenRequests {
    /// The latest request taken.
    private(set) var last: Int64 = 0
    private var done: [LaneRequest] = []
    private var paced: [LaneRequest] = []

    static let limit = 10_000

    /// How many more may be taken.
    var room: Int { max(0, Self.limit - paced.count) }

    /// Gives requests to the scheduler.
    mutating func take(
        _ requests: [LaneRequest], nowMillis: Int64, _ scheduler: inout LaneScheduler
    ) -> [LaneScheduler.Effect] {
        var effects: [LaneScheduler.Effect] = []
        for request in requests {
            last = max(last, request.id)
            if request.skipsHead {
                done.append(request)
                effects += scheduler.step(.skipHead(request.lane), nowMillis: nowMillis)
            } else {
                paced.append(request)
                effects += scheduler.step(
                    .redrive(request.lane, recordsPerSecond: request.recordsPerSecond), nowMillis: nowMillis)
            }
        }
        return effects
    }

    /// Requests that the store may forget with the scheduler's present changes.
    mutating func takeHandled(_ scheduler: LaneScheduler) -> [LaneRequest] {
        defer { done.removeAll() }
        paced.removeAll { request in
            guard !scheduler.isPaced(request.lane) else { return false }
            done.append(request)
            return true
        }
        return done
    }
}
