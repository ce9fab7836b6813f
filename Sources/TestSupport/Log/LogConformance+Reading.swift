import EventLog

extension LogConformance {
    static let reading: [Check] = [
        Check("readsBeginAtAnyOffset") { bench in
            let samples = (0..<60).map { Bench.Sample(bench.first, number: $0) }
            var answers: [Appended] = []
            for part in [0..<1, 1..<31, 31..<33, 33..<60] { answers += try bench.append(Array(samples[part])) }
            for (index, answer) in answers.enumerated() {
                let batch = try bench.log.read(bench.first, from: answer.offset, maxRecords: 100, maxBytes: 1 << 20)
                try require(batch.count >= 1, "nothing at \(answer)")
                let found = batch.withRecord(at: 0) { (Array($0.value), $0.offset) }
                try require(found == (samples[index].value, answer.offset), "another record than \(index) at \(answer)")
            }
        },
        Check("readsStopAfterTheRecordsAskedFor") { bench in
            let samples = (0..<50).map { Bench.Sample(bench.first, number: $0) }
            let answers = try bench.append(samples)
            for step in [1, 2, 7, 49, 50, 51] { try bench.expect(samples, answers, in: bench.first, step: step) }
        },
        Check("readsStopAfterTheBytesAskedFor") { bench in
            let samples = (0..<20).map {
                Bench.Sample(bench.first, key: [UInt8($0)], value: Array(repeating: 9, count: 99))
            }
            try bench.append(samples)
            for (bytes, wanted) in [(1, 1), (99, 1), (100, 1), (199, 1), (200, 2), (1_050, 10), (5_000, 20)] {
                let batch = try bench.log.read(bench.first, from: 0, maxRecords: 100, maxBytes: bytes)
                // At least one; fewer than would fit is allowed, more is not.
                try require(
                    batch.count >= 1 && batch.count <= wanted, "\(batch.count) records of 100 for \(bytes) bytes")
                try require(batch.nextOffset == Int64(batch.count), "the read goes on at \(batch.nextOffset)")
            }
        },
        Check("aReadAtTheEndIsEmptyUntilSomethingComes") { bench in
            for round in 0..<3 {
                let end = try bench.log.endOffset(of: bench.first)
                let empty = try bench.log.read(bench.first, from: end, maxRecords: 10, maxBytes: 1_000)
                try require(empty.isEmpty && empty.nextOffset == end, "\(empty.count) records at the end \(end)")
                try bench.append([.init(bench.first, number: round)])
                let batch = try bench.log.read(bench.first, from: end, maxRecords: 10, maxBytes: 1_000)
                try require(batch.count == 1 && batch.nextOffset == end + 1, "\(batch.count) records after one append")
            }
        },
        Check("aReadOutOfRangeNamesTheOffsetAndTheEnd") { bench in
            try bench.append((0..<12).map { .init(bench.first, number: $0) })
            for offset in [Int64(13), 1_000, .max, -1, .min] {
                let error = try bench.refusal(.offsetOutOfRange, "a read at \(offset) of 12 records") {
                    _ = try bench.log.read(bench.first, from: offset, maxRecords: 1, maxBytes: 1)
                }
                for part in [String(offset), "12", bench.first.description] {
                    try require(error.message.contains(part), "the error does not name \(part): \(error)")
                }
            }
            try bench.expect([], [], in: bench.second)
        },
        Check("readsOfNothingAreRefused") { bench in
            try bench.append([.init(bench.first, number: 1)])
            for (records, bytes) in [(0, 10), (10, 0), (-1, 10), (10, -1)] {
                _ = try bench.refusal(.invalidArgument, "a read of \(records) records and \(bytes) bytes") {
                    _ = try bench.log.read(bench.first, from: 0, maxRecords: records, maxBytes: bytes)
                }
            }
        },
        Check("partitionsThatAreNotThereAreRefused") { bench in
            let missing = [-1, bench.log.partitionCounts[.legacyWrites]].map { TopicPartition(.legacyWrites, $0) }
            for partition in missing {
                for (name, call) in calls(on: partition, bench.log) {
                    let error = try bench.refusal(.noSuchPartition, "\(name) of \(partition)", call)
                    try require(
                        error.message.contains(partition.description), "the error names no \(partition): \(error)")
                }
            }
        },
        Check("partitionsAreApart") { bench in
            var wanted: [TopicPartition: Int64] = [:]
            for (number, partition) in bench.log.partitionCounts.all.enumerated() {
                try bench.append((0...number).map { .init(partition, number: $0) })
                wanted[partition] = Int64(number + 1)
            }
            let ends = try bench.log.endOffsets()
            try require(ends == wanted, "ends: \(ends)")
            for (partition, end) in wanted {
                try require(try bench.log.endOffset(of: partition) == end, "the end of \(partition) is not \(end)")
                try require(try bench.log.startOffset(of: partition) == 0, "\(partition) does not start at 0")
                let found = try bench.readAll(partition).count
                try require(found == Int(end), "\(partition) holds others' records")
            }
        },
        Check("anotherUserSeesWhatWasAnswered") { bench in
            let another = try bench.fixture.another(bench.log)
            for number in 0..<10 {
                let from = number % 2 == 0 ? bench.log : another
                let answer = try bench.append([.init(bench.first, number: number)], to: from)[0]
                try require(answer.offset == Int64(number), "record \(number) is answered with \(answer)")
                for log in [bench.log, another] {
                    try require(try log.endOffset(of: bench.first) == answer.offset + 1, "the end is behind an answer")
                    let batch = try log.read(bench.first, from: answer.offset, maxRecords: 1, maxBytes: 1)
                    try require(batch.count == 1, "what was answered cannot be read")
                }
            }
        },
    ]

    private static func calls(
        on partition: TopicPartition, _ log: any EventLog
    ) -> [(String, () throws -> Void)] {
        [
            ("a read", { _ = try log.read(partition, from: 0, maxRecords: 1, maxBytes: 1) }),
            ("the start", { _ = try log.startOffset(of: partition) }),
            ("the end", { _ = try log.endOffset(of: partition) }),
            ("waiting", { _ = try log.waitForRecords(past: [partition: 0], timeoutMillis: 0) }),
        ]
    }
}
