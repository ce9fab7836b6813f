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

    /// Appends the records of some blocks in one durable step and says what became of each line.
    func append(_ blocks: [LineAdmission.Output], _ progress: inout AppendProgress) throws -> [LineAnswer] {
        var records = blocks[0].batch.records
        for block in blocks.dropFirst() { records.add(contentsOf: block.batch.records) }
        let places = try DurableAppend(log: log).append(records)
        var answers: [LineAnswer] = []
        answers.reserveCapacity(records.count)
        var next = 0
        for block in blocks {
            progress.read += block.readCount
            progress.blank += block.blankCount
            progress.inputBytes = block.inputBytes
            for (line, outcome) in zip(block.lineNumbers, block.batch.outcomes) {
                var position: Position?
                if case .admitted = outcome {
                    position = Position(records.entries[next].partition, places[next].offset)
                    next += 1
                }
                answers.append(LineAnswer(line: line, outcome: progress.count(outcome, at: position)))
            }
        }
        return answers
    }
}

extension AppendProgress {
    /// Counts what became of a line.
    /// - Parameter position: of its record, when one was appended.
    fileprivate mutating func count(
        _ outcome: AdmittedBatch.Outcome, at position: Position?
    ) -> LineAnswer.Outcome {
        switch (outcome, position) {
        case (.refused(let refusal), _):
            refused += 1
            return .refused(refusal)
        case (.logged(let admitted, let position), _):
            resumed += 1
            token.include(position)
            return .logged(admitted, position)
        case (.admitted(let admitted), let position?):
            appended += 1
            token.include(position)
            return .appended(admitted, position)
        case (.admitted, nil): preconditionFailure("an admitted command has a record")
        }
    }
}
