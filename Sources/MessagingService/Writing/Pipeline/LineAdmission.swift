import Messaging
import Wire

/// From lines to records: reads the commands of a block and admits them. One for each thread.
final class LineAdmission {
    private var parser = CommandParser()
    private let admission: Admission
    private let resume: ResumePoint

    /// - Parameter resume: lines up to its last one are done.
    init(_ admission: Admission, resume: ResumePoint) {
        self.admission = admission
        self.resume = resume
    }

    /// A block whose every line is read and judged.
    struct Output: Sendable {
        let inputBytes: Int
        /// Lines, blank ones too.
        let readCount: Int
        /// Those of white space.
        let blankCount: Int
        /// The line of each outcome.
        let lineNumbers: [Int]
        let batch: AdmittedBatch
    }

    /// - Throws: as `Admission.admit`, and `ResumePoint.Mismatch`.
    func admit(_ block: LineBlock) throws -> Output {
        let parsed = try parse(block)
        return Output(
            inputBytes: block.inputBytes, readCount: block.lines.count, blankCount: parsed.blankCount,
            lineNumbers: parsed.numbers, batch: try admission.admit(parsed.requests))
    }

    /// The lines that would be refused, and how many are blank.
    /// - Throws: as `Admission.refusal`.
    func check(_ block: LineBlock) throws -> (refused: [LineAnswer], blankCount: Int) {
        let parsed = try parse(block)
        var refused: [LineAnswer] = []
        for (number, request) in zip(parsed.numbers, parsed.requests) {
            switch request {
            case .success(let request):
                guard let refusal = try admission.refusal(of: request) else { continue }
                refused.append(LineAnswer(line: number, outcome: .refused(refusal)))
            case .failure(let refusal): refused.append(LineAnswer(line: number, outcome: .refused(refusal)))
            }
        }
        return (refused, parsed.blankCount)
    }

    private struct Parsed {
        var numbers: [Int] = []
        var requests: [Result<JudgedRequest, Refusal>] = []
        var blankCount = 0
    }

    /// Blank lines and those that are done are left out.
    private func parse(_ block: LineBlock) throws -> Parsed {
        var parsed = Parsed()
        parsed.numbers.reserveCapacity(block.lines.count)
        parsed.requests.reserveCapacity(block.lines.count)
        try block.bytes.withUnsafeBytes { raw in
            for (index, line) in block.lines.enumerated() {
                let number = block.firstLine + index
                let text = UnsafeRawBufferPointer(rebasing: raw[line.range])
                if line.count <= CommandParser.lineLimit, CommandParser.isBlank(text) {
                    parsed.blankCount += 1
                } else if number > resume.lastLine {
                    parsed.numbers.append(number)
                    parsed.requests.append(request(text, count: line.count))
                } else if let last = resume.lastAppended, last.line == number {
                    guard case .success(let judged) = request(text, count: line.count), judged.request.id == last.id
                    else {
                        throw ResumePoint.Mismatch(line: number, id: last.id)
                    }
                }
            }
        }
        return parsed
    }

    private func request(_ text: UnsafeRawBufferPointer, count: Int) -> Result<JudgedRequest, Refusal> {
        guard count <= CommandParser.lineLimit else { return .failure(Self.tooLong(count)) }
        do throws(Refusal) {
            let judged = try parser.judge(text)
            return .success(JudgedRequest(judged.request, tooLarge: judged.tooLarge))
        } catch {
            return .failure(error)
        }
    }

    private static func tooLong(_ count: Int) -> Refusal {
        Refusal(.tooLarge, "the line has \(count) bytes; the limit is \(CommandParser.lineLimit)")
    }
}
