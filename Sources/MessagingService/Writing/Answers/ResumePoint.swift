public import EventLog
public import Messaging
import Wire

/// Where an interrupted append stopped, from the answers it left.
///
/// Answers are written in the order of the lines, each after its record is durable. So every line up to the last answer is
/// done, and of the others only those whose batches were under way can be in the log, behind the answered ones of their
/// partition.
public struct ResumePoint: Sendable {
    /// Why answers cannot be used.
    public struct Malformed: Error, Sendable {
        /// The line of the answers, counted from 1.
        public let line: Int
        public let reason: String
    }

    /// The answers are not those of this input.
    public struct Mismatch: Error, Sendable {
        /// A line of the input whose command is not the one that was answered.
        public let line: Int
        /// What was answered.
        public let id: CommandID
    }

    /// The last line that was answered; 0 when none was.
    public private(set) var lastLine = 0
    /// The last line that was appended, and its command: so that answers of another input show.
    public private(set) var lastAppended: (line: Int, id: CommandID)?
    /// Where to look in each partition for what is in the log and was not answered.
    public private(set) var token = PositionToken()
    /// Bytes of the answers up to the end of the last whole line; what follows was cut off.
    public private(set) var wholeBytes = 0
    /// How many lines were refused.
    public private(set) var refused = 0
    private var answerLines = 0

    public init() {}

    /// Reads the answers, which come in pieces; the last line counts only when it is whole.
    /// - Parameter next: appends the next piece; `end` is the last.
    /// - Throws: `Malformed`, and what `next` throws.
    public init(reading next: (inout [UInt8]) throws -> AppendPipeline.Input) throws {
        var cutter = LineCutter(maximumLines: 1_000, lineLimit: 4_096)
        var isAtEnd = false
        while !isAtEnd {
            var piece: [UInt8] = []
            isAtEnd = try next(&piece) == .end
            var blocks: [LineBlock] = []
            piece.withUnsafeBytes { cutter.add($0) { blocks.append($0) } }
            if isAtEnd, let last = cutter.takeLines() { blocks.append(last) }
            for block in blocks {
                for line in block.lines { try take(Array(block.bytes[line.range])) }
                wholeBytes = block.inputBytes
            }
        }
    }

    private mutating func take(_ text: [UInt8]) throws {
        answerLines += 1
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text)
        } catch {
            throw Malformed(line: answerLines, reason: "it is no JSON: \(error.message)")
        }
        guard case .int(let line) = value["line"], line > Int64(lastLine) else {
            throw Malformed(line: answerLines, reason: "it does not name a line behind the one before")
        }
        lastLine = Int(line)
        if case .string = value["refused"] {
            refused += 1
            return
        }
        guard case .string(let idText) = value["id"], let id = CommandID(text: idText),
            case .string(let placeText) = value["position"],
            let position = Position(text: String(decoding: placeText, as: UTF8.self))
        else { throw Malformed(line: answerLines, reason: "it has neither id and position nor refused") }
        lastAppended = (lastLine, id)
        token.include(position)
    }
}
