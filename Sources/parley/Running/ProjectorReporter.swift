import Projection

/// Tells on standard error what an operator wants to know of a projector; batches are not told one by one.
struct ProjectorReporter: Sendable {
    private let projection: ProjectionName

    init(_ projection: ProjectionName) { self.projection = projection }

    func report(_ event: Projector.Event) {
        switch event {
        case .applied: break
        case .claimed(let partitions): say("owns \(partitions.count) partitions")
        case .standingBy: say("another projector owns all partitions: standing by")
        case .recovering(let attempts):
            let ranges = attempts.map { "\($0.partition)@\($0.from)..<\($0.until)" }.joined(separator: ", ")
            say("the last projector died while it applied \(ranges): going on carefully, in small steps")
        case .parked(let partition, let offset, let reason):
            say("parked \(partition)@\(offset) with its conversation: \(reason)")
        case .fenced(let message): say("lost a partition: \(message)")
        case .superseded(let message): say(message)
        case .retrying(let message, let millis): say("\(message): trying again in \(millis) ms")
        }
    }

    private func say(_ text: String) { Console.complain("\(projection.rawValue): \(text)") }
}
