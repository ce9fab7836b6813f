import Synchronization

/// Says on standard error why figures are left out: once for each reason in a row, not at every asking.
final class CollectorComplaints: Sendable {
    private let last = Mutex<[String: String]>([:])

    func note(_ collector: String, _ error: any Error) {
        let message = Failure(any: error).message
        let isNew = last.withLock { known -> Bool in
            defer { known[collector] = message }
            return known[collector] != message
        }
        if isNew { Console.complain("metrics: \(collector): \(message)") }
    }
}
