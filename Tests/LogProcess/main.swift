import EventLog
import Glibc
import SQLiteLog
import TestSupport

// A process that uses a log, for tests of several processes:
//   append DIR NAME COUNT      appends COUNT records one by one to partition 0, keys NAME-0, ...; a line "NUMBER OFFSET" each
//   follow DIR COUNT           reads partition 0; a line "OFFSET NANOSECONDS" a record, when it saw it
//   fail-sync DIR              appends on a disk whose syncs fail

let partition = TopicPartition(.conversationCommands, 0)

func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    // One write a line: the reader sees it at once, or, after a kill, not at all.
    precondition(write(STDOUT_FILENO, bytes, bytes.count) == bytes.count)
}

func append(_ directory: String, _ name: String, _ count: Int) throws {
    let log = try SQLiteLog(directory: directory)
    for number in 0..<count {
        var batch = AppendBatch()
        let text = Array("\(name)-\(number)".utf8)
        batch.add(to: partition, key: text, value: text + [UInt8](repeating: 7, count: 200))
        say("\(number) \(try log.append(batch)[0].offset)")
    }
    log.close()
}

func follow(_ directory: String, _ count: Int) throws {
    let log = try SQLiteLog(directory: directory)
    var next: Int64 = 0
    // The first wait starts the watching; whoever started this process may append from here on.
    _ = try log.waitForRecords(past: [partition: 0], timeoutMillis: 0)
    say("ready")
    while next < Int64(count) {
        guard try log.waitForRecords(past: [partition: next], timeoutMillis: 60_000) else {
            throw TestFailure("nothing came after offset \(next)")
        }
        let batch = try log.read(partition, from: next, maxRecords: 1_000, maxBytes: 1 << 20)
        let now = Threads.nowNanos()
        for offset in next..<batch.nextOffset { say("\(offset) \(now)") }
        next = batch.nextOffset
    }
    log.close()
}

func failSync(_ directory: String) throws {
    let disk = FaultyDisk()
    let log = try SQLiteLog(directory: directory, options: .init(vfs: disk.vfs))
    disk.failSyncs(true)
    var batch = AppendBatch()
    batch.add(to: partition, key: [], value: [1])
    say("\(try log.append(batch)[0].offset)")
}

let words = CommandLine.arguments
switch words.dropFirst().first {
case "append": try append(words[2], words[3], Int(words[4]) ?? 0)
case "follow": try follow(words[2], Int(words[3]) ?? 0)
case "fail-sync": try failSync(words[2])
default: fatalError("append, follow or fail-sync")
}
