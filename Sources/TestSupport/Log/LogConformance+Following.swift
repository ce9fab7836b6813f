import EventLog

extension LogConformance {
    /// Long enough for any machine; only a log that never wakes anybody waits for it.
    private static let patience = 30_000

    static let following: [Check] = [
        Check("waitingForWhatIsThereReturnsAtOnce") { bench in
            try bench.append([.init(bench.first, number: 1)])
            try require(
                try bench.log.waitForRecords(past: [bench.first: 0, bench.second: 0], timeoutMillis: 0),
                "a record is there and waiting says that none is")
            try require(
                try !bench.log.waitForRecords(past: [bench.first: 1, bench.second: 0], timeoutMillis: 0),
                "no record is there and waiting says that one is")
        },
        Check("waitingEndsWhenTimeIsUp") { bench in
            let started = Threads.nowNanos()
            let came = try bench.log.waitForRecords(past: [bench.first: 0], timeoutMillis: 60)
            let millis = (Threads.nowNanos() - started) / 1_000_000
            try require(!came, "nothing was appended and waiting says that something came")
            try require(millis >= 59, "waited \(millis) ms of 60")
        },
        Check("aFollowerIsWokenByAnotherUsersAppend") { bench in
            let another = try bench.fixture.another(bench.log)
            for round in 0..<20 {
                let appender = Threads.start {
                    if round % 3 == 0 { Threads.sleep(millis: 5) }
                    try bench.append([.init(bench.first, number: round)], to: another)
                }
                let came = try bench.log.waitForRecords(past: [bench.first: Int64(round)], timeoutMillis: patience)
                try appender.join()
                try require(came, "round \(round): a record came and its follower was not told")
                let batch = try bench.log.read(bench.first, from: Int64(round), maxRecords: 1, maxBytes: 1_000)
                try require(batch.count == 1, "round \(round): told that a record came, and it cannot be read")
            }
        },
        Check("followersOfEveryPartitionReadEverything") { bench in try followers(bench) },
        Check("recordsOfOtherPartitionsDoNotEndTheWaiting") { bench in
            try bench.append([.init(bench.second, number: 1)])
            let follower = Threads.start {
                let came = try bench.log.waitForRecords(past: [bench.first: 0], timeoutMillis: 100)
                try require(!came, "a record of another partition ended the waiting")
            }
            try bench.append([.init(bench.second, number: 2), .init(bench.other, number: 3)])
            try follower.join()
            try require(try bench.log.endOffset(of: bench.second) == 2, "the other partition's records are not there")
        },
    ]

    /// Two followers read while three threads append: both see every record, in order.
    private static func followers(_ bench: Bench) throws {
        let partitions = [bench.first, bench.second, bench.other]
        let perThread = 40
        let another = try bench.fixture.another(bench.log)
        let following = [bench.log, another].map { log in
            Threads.start {
                var next = Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(0)) })
                while next.values.reduce(0, +) < Int64(partitions.count * perThread) {
                    let came = try log.waitForRecords(past: next, timeoutMillis: patience)
                    try require(came, "no more records after \(next)")
                    for partition in partitions {
                        let from = next[partition, default: 0]
                        let batch = try log.read(partition, from: from, maxRecords: 7, maxBytes: 1 << 16)
                        let wanted = (from..<from + Int64(batch.count)).map { Array(String($0).utf8) }
                        var keys: [[UInt8]] = []
                        batch.forEachRecord { keys.append(Array($0.key)) }
                        try require(keys == wanted, "\(partition) from \(from) gives other records or another order")
                        next[partition] = batch.nextOffset
                    }
                }
            }
        }
        try Threads.run(partitions.count) { thread in
            for number in 0..<perThread { try bench.append([.init(partitions[thread], number: number)]) }
        }
        for one in following { try one.join() }
    }

    static let closing: [Check] = [
        Check("aClosedLogRefusesEverything") { bench in
            try bench.append([.init(bench.first, number: 1)])
            bench.log.close()
            bench.log.close()
            let calls: [(String, () throws -> Void)] = [
                ("an append", { try bench.append([.init(bench.first, number: 2)]) }),
                ("a read", { _ = try bench.log.read(bench.first, from: 0, maxRecords: 1, maxBytes: 1) }),
                ("the start", { _ = try bench.log.startOffset(of: bench.first) }),
                ("the end", { _ = try bench.log.endOffset(of: bench.first) }),
                ("the ends", { _ = try bench.log.endOffsets() }),
                ("waiting", { _ = try bench.log.waitForRecords(past: [bench.first: 1], timeoutMillis: 10) }),
            ]
            for (name, call) in calls { _ = try bench.refusal(.closed, "\(name) after closing", call) }
        },
        Check("closingWakesWhoeverWaits") { bench in
            let waiting = (0..<3).map { _ in
                Threads.start {
                    _ = try bench.refusal(.closed, "waiting in a log that is closed") {
                        _ = try bench.log.waitForRecords(past: [bench.first: 0], timeoutMillis: patience)
                    }
                }
            }
            Threads.sleep(millis: 20)
            bench.log.close()
            for one in waiting { try one.join() }
        },
        Check("closingLetsAppendsUnderWayEnd") { bench in
            let appenders = (0..<4).map { thread in
                Threads.start {
                    do {
                        for number in 0..<2_000 {
                            try bench.append([.init(bench.first, number: thread * 100_000 + number)])
                        }
                    } catch let error as LogError { try require(error.code == .closed, "\(error)") }
                }
            }
            var came = false
            for _ in 0..<1_000 where !came {
                came = try bench.log.waitForRecords(past: [bench.first: 5], timeoutMillis: 30)
            }
            bench.log.close()
            _ = try bench.refusal(.closed, "an append after closing") {
                try bench.append([.init(bench.first, number: 1)])
            }
            for one in appenders { try one.join() }
            try require(came, "nothing was appended")
        },
    ]
}
