import Messaging

/// Lanes in order of arrival.
struct LaneQueue: Sendable {
    private var lanes: [ConversationID] = []
    private var start = 0

    var isEmpty: Bool { start == lanes.count }
    var count: Int { lanes.count - start }

    var first: ConversationID? { isEmpty ? nil : lanes[start] }

    mutating func append(_ lane: ConversationID) { lanes.append(lane) }

    mutating func popFirst() -> ConversationID? {
        guard !isEmpty else { return nil }
        let lane = lanes[start]
        start += 1
        if start > 1_024, start * 2 > lanes.count {
            lanes.removeFirst(start)
            start = 0
        }
        return lane
    }
}
