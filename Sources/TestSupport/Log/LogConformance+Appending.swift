import EventLog

extension LogConformance {
    static let appending: [Check] = [
        Check("offsetsBeginAtTheEndAndAreContiguous") { bench in
            for round in 0..<3 {
                let start = try bench.log.endOffset(of: bench.first)
                let answers = try bench.append((0..<10).map { .init(bench.first, number: round * 10 + $0) })
                try require(
                    answers.map(\.offset) == (0..<10).map { start + $0 },
                    "offsets from \(start): \(answers.map(\.offset))")
                try require(
                    try bench.log.endOffset(of: bench.first) == start + 10, "the end does not follow the records")
            }
        },
        Check("answersAreInTheOrderOfTheBatch") { bench in
            let partitions = [bench.first, bench.other, bench.second, bench.first, bench.first, bench.other]
            let answers = try bench.append(partitions.enumerated().map { .init($1, number: $0) })
            let base = answers.map(\.offset).enumerated().map { index, offset in
                offset - Int64(partitions[..<index].filter { $0 == partitions[index] }.count)
            }
            for (index, partition) in partitions.enumerated() {
                let start = try bench.log.endOffset(of: partition) - Int64(partitions.filter { $0 == partition }.count)
                try require(base[index] == start, "entry \(index), for \(partition), is answered as if elsewhere")
            }
        },
        Check("aPartitionKeepsTheOrderAndTheBytes") { bench in
            var samples: [Bench.Sample] = []
            var answers: [Appended] = []
            for round in 0..<20 {
                let more = (0..<17).map { number in
                    Bench.Sample(
                        [bench.first, bench.second, bench.other][(round + number) % 3], number: number * round)
                }
                samples += more
                answers += try bench.append(more)
            }
            for partition in [bench.first, bench.second, bench.other] {
                try bench.expect(samples, answers, in: partition)
            }
        },
        Check("everyByteAndEveryEmptinessComesBack") { bench in
            let all = (0...255).map { UInt8($0) }
            let samples: [Bench.Sample] = [
                .init(bench.first, key: [], value: []), .init(bench.first, key: all, value: []),
                .init(bench.first, key: [], value: all), .init(bench.first, key: [0], value: [0]),
            ]
            try bench.expect(samples, try bench.append(samples), in: bench.first)
        },
        Check("largeRecordsComeBackWhole") { bench in
            let sizes = [256 << 10, 1, LogLimits.recordBytes - 16, 256 << 10, 3]
            let samples = sizes.enumerated().map { number, size in
                Bench.Sample(
                    bench.first, key: Array(repeating: UInt8(number), count: 16),
                    value: Array(repeating: UInt8(number + 100), count: size))
            }
            try bench.expect(samples, try bench.append(samples), in: bench.first)
        },
        Check("anEmptyBatchDoesNothing") { bench in
            try bench.append([.init(bench.first, number: 1)])
            let before = try bench.log.endOffsets()
            try require(try bench.log.append(AppendBatch()).isEmpty, "an empty batch is answered")
            try require(try bench.log.endOffsets() == before, "an empty batch moves the end")
            try require(
                before[bench.first] == 1, "one record, and the end is \(String(describing: before[bench.first]))")
        },
        Check("whatIsBeyondTheLimitsIsRefusedWhole") { bench in
            let large = [UInt8](repeating: 7, count: LogLimits.recordBytes)
            _ = try bench.refusal(.recordTooLarge, "a record too large") {
                try bench.append([.init(bench.first, number: 1), .init(bench.first, key: [1], value: large)])
            }
            _ = try bench.refusal(.recordTooLarge, "a key too large") {
                try bench.append([.init(bench.first, key: Array(large.prefix(LogLimits.keyBytes + 1)))])
            }
            _ = try bench.refusal(.noSuchPartition, "a record for a partition that is not there") {
                let missing = TopicPartition(.memberCommands, bench.log.partitionCounts[.memberCommands])
                try bench.append([.init(bench.first, number: 1), .init(missing, number: 2)])
            }
            try require(try bench.log.endOffset(of: bench.first) == 0, "something of a refused batch is in the log")
        },
        Check("appendTimesAreTheClocksAndNeverDecrease") { bench in
            bench.fixture.clock?.set(micros: 1_000_000)
            var samples = [Bench.Sample(bench.first, number: 1)]
            var answers = try bench.append(samples)
            try require(answers[0].appendTime > 0, "the append time is \(answers[0].appendTime)")
            for (step, micros) in [500_000, 999_999, 1_000_000, 1_000_001].enumerated() {
                bench.fixture.clock?.set(micros: Int64(micros))
                samples.append(.init(bench.first, number: step))
                answers += try bench.append([samples[samples.count - 1]])
            }
            let times = answers.map(\.appendTime)
            try require(times == times.sorted(), "append times decrease: \(times)")
            if bench.fixture.clock != nil {
                try require(times == [1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_000_001], "append times: \(times)")
            }
            try bench.expect(samples, answers, in: bench.first)
        },
        Check("appendTimesNeverDecreaseAfterReopening") { bench in
            bench.fixture.clock?.set(micros: 1_000_000)
            let before = try bench.append([.init(bench.first, number: 1)])[0]
            bench.fixture.clock?.set(micros: 10)
            let again = try bench.fixture.reopen(bench.log)
            defer { again.close() }
            let after = try bench.append([.init(bench.first, number: 2)], to: again)[0]
            try require(after.offset == before.offset + 1, "offset \(after.offset) follows \(before.offset)")
            try require(after.appendTime >= before.appendTime, "\(after.appendTime) follows \(before.appendTime)")
        },
        Check("whatWasAnsweredIsThereAfterReopening") { bench in
            let samples = (0..<50).map { Bench.Sample($0 % 2 == 0 ? bench.first : bench.other, number: $0) }
            let answers = try bench.append(samples)
            let again = try bench.fixture.reopen(bench.log)
            defer { again.close() }
            try bench.expect(samples, answers, in: bench.first, of: again)
            try bench.expect(samples, answers, in: bench.other, of: again)
        },
        Check("concurrentAppendersLoseAndDoubleNothing") { bench in try concurrentAppenders(bench) },
    ]

    /// Eight threads, each with batches of its own over two users of the log: every record is where it was answered to
    /// be, once, and each thread's records stand in its order.
    private static func concurrentAppenders(_ bench: Bench) throws {
        let another = try bench.fixture.another(bench.log)
        let threads = 8
        let rounds = 25
        let partitions = [bench.first, bench.second]
        try Threads.run(threads) { thread in
            var last = [Int64](repeating: -1, count: partitions.count)
            for round in 0..<rounds {
                let number = thread * 1_000 + round
                let samples = partitions.map { Bench.Sample($0, number: number) }
                let answers = try bench.append(samples, to: thread % 2 == 0 ? bench.log : another)
                for (index, answer) in answers.enumerated() {
                    try require(answer.offset > last[index], "thread \(thread): \(answer.offset) after \(last[index])")
                    last[index] = answer.offset
                    let batch = try another.read(partitions[index], from: answer.offset, maxRecords: 1, maxBytes: 1)
                    let found = batch.isEmpty ? nil : batch.withRecord(at: 0) { Array($0.value) }
                    try require(found == samples[index].value, "record \(number) is not where it was answered to be")
                }
            }
        }
        for partition in partitions {
            let found = try bench.readAll(partition)
            try require(found.count == threads * rounds, "\(found.count) records of \(threads * rounds)")
            try require(found.map(\.answer.offset) == (0..<Int64(found.count)).map { $0 }, "offsets have gaps")
            let distinct = Set(found.map(\.sample.key))
            try require(distinct.count == found.count, "\(found.count - distinct.count) records are there twice")
        }
    }
}
