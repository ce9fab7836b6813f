import EventLog
import Wire

extension AppendPipeline {
    /// Starts the reader of the input and the workers; they end with the input or when the exchange is cancelled.
    func startThreads(
        _ exchange: BlockExchange<LineAdmission.Output>, _ source: @escaping Source, resume: ResumePoint
    ) -> [BackgroundThread] {
        let batchLines = batchLines
        let makeAdmission = makeAdmission
        let reader = BackgroundThread {
            exchange.endInput(
                Result { try Self.readInput(source, batchLines: batchLines, to: exchange) })
        }
        let workers = (0..<threads).map { _ in BackgroundThread { Self.work(exchange, makeAdmission, resume) } }
        return [reader] + workers
    }

    private static func readInput(
        _ source: Source, batchLines: Int, to exchange: BlockExchange<LineAdmission.Output>
    ) throws {
        var cutter = LineCutter(maximumLines: batchLines, lineLimit: CommandParser.lineLimit)
        while true {
            var isWanted = true
            let input = try readPiece(source, &cutter) { block in
                if isWanted { isWanted = exchange.submit(block) }
            }
            guard isWanted else { return }
            switch input {
            case .more: continue
            case .pause: if let block = cutter.takeLines(), !exchange.submit(block) { return }
            case .end, .stopped:
                if let block = input == .end ? cutter.takeAll() : cutter.takeLines() { _ = exchange.submit(block) }
                return
            }
        }
    }

    static func readPiece(
        _ source: Source, _ cutter: inout LineCutter, full: (LineBlock) -> Void
    ) throws -> Input {
        var piece: [UInt8] = []
        let input = try source(&piece)
        piece.withUnsafeBytes { cutter.add($0, full: full) }
        return input
    }

    private static func work(
        _ exchange: BlockExchange<LineAdmission.Output>, _ makeAdmission: () throws -> Admission,
        _ resume: ResumePoint
    ) {
        let admission = Result { LineAdmission(try makeAdmission(), resume: resume) }
        while let block = exchange.takeBlock() {
            exchange.finish(block.number, Result { try admission.get().admit(block) })
        }
    }

    // MARK: - The caller's thread

    /// Appends a block's records and says what became of each line.
    func append(_ block: LineAdmission.Output, _ progress: inout AppendProgress) throws -> [LineAnswer] {
        let places = try DurableAppend(log: log).append(block.batch.records)
        progress.read += block.readCount
        progress.blank += block.blankCount
        progress.inputBytes = block.inputBytes
        var answers: [LineAnswer] = []
        answers.reserveCapacity(block.lineNumbers.count)
        var next = 0
        for (line, outcome) in zip(block.lineNumbers, block.batch.outcomes) {
            switch outcome {
            case .admitted(let admitted):
                let position = Position(block.batch.records.entries[next].partition, places[next].offset)
                next += 1
                progress.appended += 1
                progress.token.include(position)
                answers.append(LineAnswer(line: line, outcome: .appended(admitted, position)))
            case .logged(let admitted, let position):
                progress.resumed += 1
                progress.token.include(position)
                answers.append(LineAnswer(line: line, outcome: .logged(admitted, position)))
            case .refused(let refusal):
                progress.refused += 1
                answers.append(LineAnswer(line: line, outcome: .refused(refusal)))
            }
        }
        return answers
    }
}
