import Messaging
import Wire

/// From lines to records: reads the commands of a block and admits them. One for each thread.
final class LineAdmission {
    private var parser = CommandParser()
    private let admission: Admission
    private let skipping: Int

    /// - Parameter skipping: lines at the beginning of the input that are not looked at.
    init(_ admission: Admission, skipping: Int = 0) {
        self.admission = admission
        self.skipping = skipping
    }

    /// A block whose every line is read and judged.
    struct Output: Sendable {
        let inputBytes: Int
        /// Lines, blank ones too.
        let readCount: Int
        /// The line of each outcome.
        let lineNumbers: [Int]
        let batch: AdmittedBatch
    }

    /// - Throws: as `Admission.admit`.
    func admit(_ block: LineBlock) throws -> Output {
        let (numbers, requests) = parse(block)
        return Output(
            inputBytes: block.inputBytes, readCount: block.lines.count, lineNumbers: numbers,
            batch: try admission.admit(requests))
    }

    /// The lines that would be refused.
    /// - Throws: as `Admission.refusal`.
    func refusals(in block: LineBlock) throws -> [(line: Int, refusal: Refusal)] {
        let (numbers, requests) = parse(block)
        var refusals: [(line: Int, refusal: Refusal)] = []
        for (number, request) in zip(numbers, requests) {
            switch request {
            case .success(let request):
                if let refusal = try admission.refusal(of: request) { refusals.append((number, refusal)) }
            case .failure(let refusal): refusals.append((number, refusal))
            }
        }
        return refusals
    }

    /// Blank lines and those to be skipped are left out.
    private func parse(_ block: LineBlock) -> ([Int], [Result<CommandRequest, Refusal>]) {
        var numbers: [Int] = []
        var requests: [Result<CommandRequest, Refusal>] = []
        numbers.reserveCapacity(block.lines.count)
        requests.reserveCapacity(block.lines.count)
        block.bytes.withUnsafeBytes { raw in
            for (index, line) in block.lines.enumerated() where block.firstLine + index > skipping {
                guard line.count <= CommandParser.lineLimit else {
                    numbers.append(block.firstLine + index)
                    requests.append(.failure(Self.tooLong(line.count)))
                    continue
                }
                let text = UnsafeRawBufferPointer(rebasing: raw[line.range])
                if CommandParser.isBlank(text) { continue }
                numbers.append(block.firstLine + index)
                do throws(Refusal) {
                    requests.append(.success(try parser.parse(text)))
                } catch {
                    requests.append(.failure(error))
                }
            }
        }
        return (numbers, requests)
    }

    private static func tooLong(_ count: Int) -> Refusal {
        Refusal(.tooLarge, "the line has \(count) bytes; the limit is \(CommandParser.lineLimit)")
    }
}
