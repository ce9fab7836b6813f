import EventLog
import SQLiteLog
import TestSupport
import Testing

@Suite struct ProcessTests {
    @Test func severalProcessesAppendToOneLog() throws {
        try withTemporaryDirectory { directory in
            let children = try (0..<3).map {
                try ChildProcess("log-process", ["append", directory, "child\($0)", "150"])
            }
            let log = try SQLiteLog(directory: directory)
            defer { log.close() }
            var wanted: [Int64: String] = [:]
            for number in 0..<150 {
                wanted[try Logs.append(number..<number + 1, of: log)[0].offset] = String(number)
            }
            for (index, child) in children.enumerated() {
                while let line = child.readLine() {
                    let words = line.split(separator: " ")
                    wanted[try #require(Int64(words[1]))] = "child\(index)-\(words[0])"
                }
                #expect(child.wait() == 0)
            }
            #expect(wanted.count == 600)
            let keys = try Logs.keys(log)
            #expect(keys.count == 600)
            #expect(wanted.allSatisfy { keys[Int($0.key)] == $0.value })
            _ = try log.verify()
        }
    }

    @Test func aKilledAppenderLosesNothingItWasAnswered() throws { try killAppenders(times: 10) }

    /// Prints how long a record takes from its append's answer to a follower in another process; slow machines do not fail.
    @Test func aFollowerInAnotherProcessSeesEveryRecord() throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: directory)
            defer { log.close() }
            let count = 300
            let child = try ChildProcess("log-process", ["follow", directory, String(count)])
            #expect(child.readLine() == "ready")
            var answered: [Int64] = []
            for number in 0..<count {
                try Logs.append(number..<number + 1, of: log)
                answered.append(Threads.nowNanos())
                Threads.sleep(millis: 2)
            }
            var micros: [Int64] = []
            for offset in 0..<count {
                let words = try #require(child.readLine()).split(separator: " ")
                #expect(words[0] == String(offset))
                micros.append((try #require(Int64(words[1])) - answered[offset]) / 1_000)
            }
            #expect(child.wait() == 0)
            micros.sort()
            print(
                "from answer to follower in another process: p50 \(micros[count / 2]) us, p99 \(micros[count * 99 / 100]) us"
            )
        }
    }
}
