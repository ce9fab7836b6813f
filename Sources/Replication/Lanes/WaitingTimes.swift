import Messaging

/// Lanes by the time they wait for: a binary heap. Entries of waits that ended otherwise are left in and passed over.
struct WaitingTimes: Sendable {
    struct Entry: Sendable {
        var millis: Int64
        var lane: ConversationID
        var wait: Int
    }

    private var heap: [Entry] = []

    var earliest: Entry? { heap.first }
    var count: Int { heap.count }

    mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard precedes(child, parent) else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeEarliest() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(least, parent)
            parent = least
        }
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (heap[one].millis, heap[one].lane) < (heap[other].millis, heap[other].lane)
    }
}
