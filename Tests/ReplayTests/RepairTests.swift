import EventLog
import Messaging
import Projection
import Replay
import Simulation
import TestSupport
import Testing
import ViewStorage

/// Making some rows of a live view right again, and no others.
@Suite(.inEveryStore) struct RepairTests {
    @Test func onlyTheRowsAskedForAreRepaired() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try damaged(in: directory)
            let right = try rebuilt.rows(.shared)
            try rebuilt.damage(.shared, "UPDATE conversation SET last_ord = last_ord + 1; DELETE FROM participant")
            let conversation = try #require(right["conversation"]?.first?.first)
            guard case .bytes(let bytes) = conversation, let id = ConversationID(bytes: bytes) else { return }
            var selection = RepairSelection()
            selection.conversations = [id]

            let before = try rebuilt.rows(.shared)
            let planned = try repair(rebuilt, selection, isDryRun: true)
            #expect(try rebuilt.rows(.shared) == before)
            let done = try repair(rebuilt, selection, isDryRun: false)
            #expect(done == planned && !done.isEmpty)
            let after = try rebuilt.rows(.shared)
            for (table, rows) in after {
                let isAsked = { (row: [StoredValue]) in row.contains(conversation) }
                #expect(rows.filter(isAsked) == right[table]!.filter(isAsked))
                #expect(rows.filter { !isAsked($0) } == before[table]!.filter { !isAsked($0) })
            }
            #expect(try repair(rebuilt, selection, isDryRun: false) == [])
        }
    }

    @Test func allPartitionsTogetherRepairEverythingAndTheProjectorGoesOn() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try damaged(in: directory)
            let right = try rebuilt.rows(.shared)
            try rebuilt.damage(
                .shared,
                """
                UPDATE conversation SET closed = 1 - closed; DELETE FROM judged; UPDATE message SET keys = keys + 1;
                INSERT INTO participant SELECT conversation, zeroblob(16), 1, NULL, 0 FROM conversation
                """)
            let stale = try rebuilt.store(.shared)
            var selection = RepairSelection()
            selection.partitions = Set(rebuilt.log.partitionCounts.partitions(of: .conversationCommands))
            #expect(try !repair(rebuilt, selection, isDryRun: false).isEmpty)
            #expect(try rebuilt.rows(.shared) == right)
            try rebuilt.append(HistoryGenerator.history(seed: 71, count: 50).records)
            _ = try Projector(log: rebuilt.log, store: stale, owner: LeaseOwner(text: "stale")).catchUp()
            #expect(try rebuilt.replay(.shared).differences == [])
        }
    }

    @Test func whatTheLogNamesFromAPositionOnIsSelected() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try damaged(in: directory)
            let batches = try rebuilt.log.partitionCounts.partitions(of: .conversationCommands).map {
                try rebuilt.log.read($0, from: 0, maxRecords: 1_000, maxBytes: 1 << 20)
            }
            let batch = try #require(batches.first { !$0.isEmpty })
            let partition = batch.partition
            var selection = RepairSelection()
            try selection.add(from: Position(partition, Int64(batch.count - 1)), in: rebuilt.log)
            #expect(selection.conversations.count == 1 && selection.members.isEmpty)
            let error = #expect(throws: ReplayError.self) {
                try selection.add(from: Position(partition, Int64(batch.count)), in: rebuilt.log)
            }
            #expect(error?.code == .invalid)
        }
    }

    private func damaged(in directory: String) throws -> RebuiltLog {
        let rebuilt = try RebuiltLog(in: directory)
        try rebuilt.append(HistoryGenerator.history(seed: 70, count: 200).records)
        try rebuilt.project(.shared)
        return rebuilt
    }

    private func repair(
        _ rebuilt: RebuiltLog, _ selection: RepairSelection, isDryRun: Bool
    ) throws -> [RowDifference] {
        var options = ReplayOptions()
        options.purpose = .verify
        var found: [RowDifference] = []
        let replay = ViewReplay(log: rebuilt.log, generations: try rebuilt.generations(.shared), options: options)
        let answer = try replay.repair(selection, isDryRun: isDryRun) { found.append($0) }
        #expect(answer.differences == Int64(found.count) && answer.isRepaired == !isDryRun)
        #expect(try rebuilt.generations(.shared).list().map(\.number) == [1])
        return found
    }
}
