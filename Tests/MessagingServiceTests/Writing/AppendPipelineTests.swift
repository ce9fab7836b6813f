import ContentProtection
import EventLog
import Messaging
import MessagingService
import Synchronization
import Testing
import Wire

struct AppendPipelineTests {
    private let log = InMemoryLog(partitionCounts: PartitionCounts(conversationCommands: 2, memberCommands: 2))
    private let keys = MemoryKeys()

    private func pipeline(batch: Int = 7, known: KnownRecords? = nil) -> AppendPipeline {
        let (log, keys, mint) = (log, keys, CommandIDMint())
        return AppendPipeline(log: log, batchLines: batch, threads: 3) {
            try Admission(
                settings: AdmissionSettings(partitionCounts: log.partitionCounts, authority: .operator),
                keys: keys, mint: mint, known: known)
        }
    }

    /// Gives a text in pieces.
    private func source(_ text: String, piece: Int = 100) -> AppendPipeline.Source {
        let rest = Mutex(Array(text.utf8)[...])
        return { bytes in
            rest.withLock { rest in
                bytes.append(contentsOf: rest.prefix(piece))
                rest = rest.dropFirst(piece)
                return rest.isEmpty ? .end : .more
            }
        }
    }

    private func line(_ number: UInt64, conversation: UInt64 = 1) -> String {
        let id = Numbered.command(number)
        return #"{"id":"\#(id)","command":"send","actor":"\#(Numbered.member(1))","#
            + #""conversation":"\#(Numbered.conversation(conversation))","content":{"text":"number \#(number)"}}"#
    }

    private func ids(in partition: TopicPartition) throws -> [CommandID] {
        let page = try log.read(partition, from: 0, maxRecords: 10_000, maxBytes: 1 << 24)
        return try page.entries.indices.map { index in
            try page.withRecord(at: index) { try RecordCodec.decode($0.value).id }
        }
    }

    @Test func recordsStandInTheOrderOfTheLinesInEveryPartition() throws {
        let lines = (1...500).map { line(UInt64($0), conversation: UInt64($0 % 5)) }
        var answered: [Int] = []
        let end = try pipeline().run(source: source(lines.joined(separator: "\n"))) { answers, _ in
            answered += answers.map(\.line)
        }
        #expect(end.read == 500)
        #expect(end.appended == 500)
        #expect(answered == Array(1...500))
        var found = 0
        for partition in log.partitionCounts.partitions(of: .conversationCommands) {
            let ids = try ids(in: partition)
            found += ids.count
            #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(found == 500)
    }

    @Test func answersNameThePlaceOfTheirRecord() throws {
        let lines = (1...40).map { line(UInt64($0), conversation: UInt64($0 % 3)) }
        var places: [CommandID: Position] = [:]
        let end = try pipeline().run(source: source(lines.joined(separator: "\n"))) { answers, _ in
            for answer in answers {
                if case .appended(let admitted, let position) = answer.outcome { places[admitted.id] = position }
            }
        }
        #expect(places.count == 40)
        for (id, position) in places {
            #expect(try ids(in: position.partition)[Int(position.offset)] == id)
            #expect(end.token.offsets[position.partition]! > position.offset)
        }
        #expect(try end.token.offsets.filter { try log.endOffset(of: $0.key) != $0.value }.isEmpty)
    }

    @Test func refusedLinesAreAnsweredInTheirPlaceAndTheRestGoesIn() throws {
        let text = [line(1), "{", "", "  \t\r", line(2), #"{"command":"dance"}"#, line(3)].joined(separator: "\n")
        var answers: [LineAnswer] = []
        let end = try pipeline(batch: 2).run(source: source(text)) { some, _ in answers += some }
        #expect(answers.map(\.line) == [1, 2, 5, 6, 7])
        #expect(answers.compactMap(\.refusal?.code) == [.json, .unknownCommand])
        #expect(end.read == 7)
        #expect(end.appended == 3)
        #expect(end.refused == 2)
    }

    @Test func aCheckFindsTheSameRefusalsAndAppendsNothing() throws {
        let text = [line(1), "{", "", line(2), "[]"].joined(separator: "\n")
        var refused: [Int] = []
        let end = try pipeline(batch: 2).check(source: source(text, piece: 3)) { answers, _ in
            refused += answers.map(\.line)
        }
        #expect(refused == [2, 5])
        #expect(end.read == 5)
        #expect(end.refused == 2)
        #expect(try log.endOffsets().values.allSatisfy { $0 == 0 })
    }

    @Test func aSecondRunThatKnowsTheLogAppendsOnlyWhatIsMissing() throws {
        let lines = (1...60).map { line(UInt64($0)) }
        _ = try pipeline().run(source: source(lines[..<25].joined(separator: "\n"))) { _, _ in }
        let known = try KnownRecords(reading: log)
        #expect(known.count == 25)
        let end = try pipeline(known: known).run(source: source(lines.joined(separator: "\n"))) { _, _ in }
        #expect(end.resumed == 25)
        #expect(end.appended == 35)
        let ids = try log.partitionCounts.partitions(of: .conversationCommands).flatMap { try self.ids(in: $0) }
        #expect(ids.count == 60 && Set(ids).count == 60)
    }

    private func resumePoint(_ answers: String) throws -> ResumePoint {
        try ResumePoint { bytes in
            bytes += Array(answers.utf8)
            return .end
        }
    }

    @Test func answersOfAnotherInputAreRefused() throws {
        let answers =
            #"{"line":1,"id":"\#(Numbered.command(1))","message":null,"position":"member-commands/0@0"}"# + "\n"
        #expect(throws: ResumePoint.Mismatch.self) {
            try pipeline().run(from: resumePoint(answers), source: source(line(2))) { _, _ in }
        }
    }

    @Test func answeredLinesAreCountedAndNotLookedAt() throws {
        let answered =
            #"{"line":1,"refused":"json"}"# + "\n"
            + #"{"line":2,"id":"\#(Numbered.command(1))","message":null,"position":"member-commands/0@6"}"# + "\n"
            + #"{"line":3,"ref"#
        let text = ["{", line(1), line(2), line(3)].joined(separator: "\n")
        var answers: [LineAnswer] = []
        let end = try pipeline(batch: 2).run(from: resumePoint(answered), source: source(text)) { some, _ in
            answers += some
        }
        #expect(answers.map(\.line) == [3, 4])
        #expect(end.read == 4)
        #expect(end.token.offsets[TopicPartition(.memberCommands, 0)] == 7)
        #expect(end.refused == 0)
    }

    @Test func aPauseOfTheInputSendsOnWhatHasCome() throws {
        let step = Mutex(0)
        let (first, second) = (line(1) + "\n", line(2) + "\n")
        let seen = Mutex<[Int]>([])
        let end = try pipeline(batch: 1000).run(
            source: { bytes in
                let now = step.withLock { step in
                    step += 1
                    return step
                }
                switch now {
                case 1:
                    bytes += Array(first.utf8)
                    return .pause
                case 2:
                    // The second line comes only when the first has been answered.
                    while seen.withLock({ $0.isEmpty }) {}
                    bytes += Array(second.utf8)
                    return .pause
                default: return .end
                }
            },
            answer: { answers, _ in seen.withLock { $0 += answers.map(\.line) } })
        #expect(end.appended == 2)
    }

    @Test func aStopLeavesOutTheLineThatHasNotEnded() throws {
        let text = line(1) + "\n" + line(2)
        for (input, count) in [(.stopped, 1), (.end, 2)] as [(AppendPipeline.Input, Int)] {
            let end = try pipeline().run(
                source: { bytes in
                    bytes += Array(text.utf8)
                    return input
                }, answer: { _, _ in })
            #expect(end.read == count)
            #expect(end.refused == 0)
        }
    }

    @Test func anErrorOfTheInputComesAfterAllThatWasRead() throws {
        struct Broken: Error {}
        let text = (1...20).map { line(UInt64($0)) + "\n" }.joined()
        let isFirst = Mutex(true)
        var answered = 0
        #expect(throws: Broken.self) {
            try pipeline().run(
                source: { bytes in
                    guard
                        isFirst.withLock({ first in
                            defer { first = false }
                            return first
                        })
                    else { throw Broken() }
                    bytes += Array(text.utf8)
                    return .pause
                },
                answer: { answers, _ in answered += answers.count })
        }
        #expect(answered == 20)
    }

    @Test func anErrorOfTheAnswersEndsTheRun() throws {
        struct Full: Error {}
        let text = (1...2000).map { line(UInt64($0)) }.joined(separator: "\n")
        #expect(throws: Full.self) {
            try pipeline().run(source: source(text)) { _, progress in if progress.appended >= 21 { throw Full() } }
        }
        let appended = try log.endOffsets().values.reduce(0, +)
        #expect(appended >= 21 && appended < 2000)
    }
}

extension LineAnswer {
    fileprivate var refusal: Refusal? { if case .refused(let refusal) = outcome { refusal } else { nil } }
}
