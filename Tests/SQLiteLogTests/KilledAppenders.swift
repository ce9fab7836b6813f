import EventLog
import SQLiteLog
import TestSupport
import Testing

/// Kills a process while it appends, again and again: what it was answered is there, once, and the log goes on.
func killAppenders(times: Int) throws {
    try withTemporaryDirectory { directory in
        var wanted: [Int64: String] = [:]
        for round in 0..<times {
            let child = try ChildProcess("log-process", ["append", directory, "round\(round)", "100000"])
            func take(_ line: String) throws {
                let words = line.split(separator: " ")
                wanted[try #require(Int64(words[1]))] = "round\(round)-\(words[0])"
            }
            for _ in 0..<(round % 10 * 7 + 1) { try take(try #require(child.readLine())) }
            child.kill()
            // What it wrote before it died counts as well.
            while let line = child.readLine() { try take(line) }
            #expect(child.wait() == -9)
            let log = try SQLiteLog(directory: directory)
            defer { log.close() }
            let keys = try Logs.keys(log)
            let lost = wanted.filter { $0.key >= keys.count || keys[Int($0.key)] != $0.value }
            #expect(lost.isEmpty, "round \(round): \(lost.count) of \(wanted.count) are lost")
            #expect(Set(keys).count == keys.count)
            _ = try log.verify()
        }
    }
}
