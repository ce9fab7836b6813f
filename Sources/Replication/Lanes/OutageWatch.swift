import Messaging

/// Tells an outage, in which most lanes fail, from lanes that fail on their own.
///
/// It looks at the lanes that ended an attempt in a window of time, each by its latest result.
struct OutageWatch: Sendable {
    private struct Result: Sendable {
        var serial: Int
        var failed: Bool
    }

    private let windowMillis: Int64
    private let leastLanes: Int
    private let mostLanes: Int
    private var results: [ConversationID: Result] = [:]
    private var order: [(millis: Int64, lane: ConversationID, serial: Int)] = []
    private var start = 0
    private var serial = 0
    private var failing = 0
    /// Whether the latest attempts failed, whatever their lanes; as many as lanes make an outage.
    private var latest: [Bool] = []

    init(_ settings: LaneSettings) {
        windowMillis = settings.outageWindowMillis
        leastLanes = settings.outageLanes
        mostLanes = settings.outageSample
    }

    mutating func note(_ lane: ConversationID, failedTransiently: Bool, nowMillis: Int64) {
        serial += 1
        latest.append(failedTransiently)
        if latest.count > leastLanes { latest.removeFirst() }
        if let earlier = results.updateValue(Result(serial: serial, failed: failedTransiently), forKey: lane) {
            failing -= earlier.failed ? 1 : 0
        }
        failing += failedTransiently ? 1 : 0
        order.append((nowMillis, lane, serial))
        forget(before: nowMillis - windowMillis)
    }

    /// Over half of enough lanes fail.
    mutating func isOutage(nowMillis: Int64) -> Bool {
        forget(before: nowMillis - windowMillis)
        return results.count >= leastLanes && failing * 2 > results.count
    }

    /// Over half of the latest attempts failed: it may become an outage.
    var isSuspect: Bool { latest.count { $0 } * 2 > leastLanes }

    mutating func clear() {
        results.removeAll(keepingCapacity: true)
        order.removeAll(keepingCapacity: true)
        start = 0
        failing = 0
        latest.removeAll()
    }

    private mutating func forget(before millis: Int64) {
        while start < order.count, order[start].millis < millis || results.count > mostLanes {
            let (_, lane, serial) = order[start]
            start += 1
            guard let result = results[lane], result.serial == serial else { continue }
            failing -= result.failed ? 1 : 0
            results[lane] = nil
        }
        if start > 1_024, start * 2 > order.count {
            order.removeFirst(start)
            start = 0
        }
    }
}
