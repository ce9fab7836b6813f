import EventLog
import LegacyMailbox
import TestSupport
import Testing

@Suite struct OutboxRelayTests {
    private func records(_ log: any EventLog) throws -> [LegacyWrite] {
        var writes: [LegacyWrite] = []
        for partition in log.partitionCounts.partitions(of: .legacyWrites) {
            let batch = try log.read(partition, from: 0, maxRecords: 100_000, maxBytes: 1 << 30)
            try batch.forEachRecord { record in
                let decoded = try OwnFormat().decode(key: Array(record.key), value: Array(record.value))
                if case .write(let write) = decoded { writes.append(write) }
            }
        }
        return writes
    }

    @Test(arguments: OutboxRelay.Form.allCases)
    func everyWriteReachesTheLogOnceAndInTheOrderOfItsThread(_ form: OutboxRelay.Form) throws {
        try withTemporaryDirectory { directory in
            let store = try LegacyStore.create(file: directory + "/legacy.sqlite")
            var written: [LegacyWrite] = []
            for number in 0..<400 {
                written += try store.send(
                    LegacyStore.Draft(
                        sender: Array("ada".utf8), recipients: [Array("bob".utf8)], body: Array("\(number)".utf8),
                        deduplicationKey: Array("m\(number)".utf8)), thread: Array("t\(number % 7)".utf8))
            }
            let log = InMemoryLog()
            let relay = try OutboxRelay(store, log: log, form: form)
            try relay.run(once: true, isStopped: { false })
            #expect(relay.relayed == written.count)
            let read = try records(log)
            #expect(read.count == written.count)
            for thread in Set(written.map(\.thread)) {
                #expect(read.filter { $0.thread == thread } == written.filter { $0.thread == thread })
            }
            try relay.run(once: true, isStopped: { false })
            #expect(relay.relayed == written.count)
        }
    }

    @Test func secondRelayIsKeptOut() throws {
        try withTemporaryDirectory { directory in
            let store = try LegacyStore.create(file: directory + "/legacy.sqlite")
            let log = InMemoryLog()
            let first = try OutboxRelay(store, log: log)
            #expect { try OutboxRelay(store, log: log) } throws: { ($0 as? LegacyError)?.code == .busy }
            _ = try first.moveBatch()
        }
    }

    @Test func logThatFailsLosesNothing() throws {
        try withTemporaryDirectory { directory in
            let store = try LegacyStore.create(file: directory + "/legacy.sqlite")
            let sent = try store.send(
                LegacyStore.Draft(
                    sender: Array("ada".utf8), recipients: [Array("bob".utf8)], body: Array("x".utf8),
                    deduplicationKey: Array("m".utf8)), thread: Array("t".utf8))
            let closed = InMemoryLog()
            closed.close()
            do {
                let relay = try OutboxRelay(store, log: closed)
                #expect(throws: LogError.self) { try relay.moveBatch() }
            }
            let log = InMemoryLog()
            #expect(try OutboxRelay(store, log: log).moveBatch() == sent.count)
            #expect(try records(log) == sent)
        }
    }
}
