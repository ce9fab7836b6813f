import EventLog
import Projection
import Replay
import ViewStorage
import Wire

/// Prints what a rebuild or a comparison comes to: a line each of JSON, or text for people.
final class ReplayReport {
    private let console: Console
    private let view: ProjectionName
    private var progress: ProgressLine
    private var wasWaiting = false

    init(_ console: Console, _ view: ProjectionName) {
        self.console = console
        self.view = view
        progress = ProgressLine(isShown: console.showsProgress)
    }

    func show(_ state: ReplayProgress) {
        let work = "\(view.rawValue) generation \(state.generation): \(state.phase.rawValue)"
        progress.show(work, count: Int(state.done), "records", done: Int(state.done), total: Int(state.total))
    }

    func end() { progress.end() }

    /// A difference.
    func write(_ difference: RowDifference) throws {
        if console.json {
            try Reading.print(console) { difference.write(to: &$0) }
        } else {
            try console.output.writeLine("\(view.rawValue): \(difference.text)")
        }
    }

    func write(_ answer: ReplayAnswer) throws {
        if console.json {
            try Reading.print(console) { answer.write(to: &$0) }
        } else {
            for line in answer.lines { try console.output.writeLine(line) }
        }
    }

    func write(_ answer: RepairAnswer) throws {
        guard console.json else {
            let done = answer.isRepaired ? "repaired" : "would be repaired"
            return try console.output.writeLine("\(view.rawValue): \(answer.differences) rows \(done)")
        }
        try Reading.print(console) { writer in
            writer.beginObject()
            writer.key("view")
            writer.string(view.rawValue)
            writer.key("outcome")
            writer.string(answer.differences == 0 ? "equal" : answer.isRepaired ? "repaired" : "differs")
            writer.key("differences")
            writer.int(answer.differences)
            writer.key("positions")
            writer.beginArray()
            for (partition, offset) in answer.positions.sorted(by: { $0.key < $1.key }) {
                writer.string("\(Position(partition, offset))")
            }
            writer.endArray()
            writer.endObject()
        }
    }

    func write(_ plan: ReplayPlan) throws {
        if console.json {
            try Reading.print(console) { plan.write(to: &$0) }
        } else {
            for line in plan.lines { try console.output.writeLine(line) }
        }
    }

    func write(removed: [Generation]) throws {
        if console.json {
            try Reading.print(console) { writer in
                writer.beginObject()
                writer.key("view")
                writer.string(view.rawValue)
                writer.key("removed")
                writer.beginArray()
                for generation in removed { writer.int(generation.number) }
                writer.endArray()
                writer.key("bytes")
                writer.int(removed.reduce(0) { $0 + $1.bytes })
                writer.endObject()
            }
        } else {
            let numbers = removed.map { "\($0.number) (\($0.state.rawValue), \($0.bytes) bytes)" }
            try console.output.writeLine(
                "\(view.rawValue): removed \(numbers.isEmpty ? "nothing" : numbers.joined(separator: ", "))")
        }
    }
}
