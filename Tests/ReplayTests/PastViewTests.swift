import EventLog
import Messaging
import Projection
import Replay
import Simulation
import TestSupport
import Testing
import ViewStorage

/// Views as they were at a moment.
@Suite struct PastViewTests {
    /// Where each partition of the log ends.
    private func ends(_ rebuilt: RebuiltLog) throws -> [TopicPartition: Int64] { try rebuilt.log.endOffsets() }

    @Test(arguments: ProjectionName.allCases)
    func aViewUntilAMomentIsWhatTheLiveOneWasThen(_ view: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            let history = HistoryGenerator.history(seed: 11, count: 300).records
            try rebuilt.append(Array(history[..<150]))
            try rebuilt.appendJunk(key: history[0].record.key, personal: false)
            try rebuilt.project(view)
            let (then, rows) = (try ends(rebuilt), try rebuilt.rows(view))
            try rebuilt.append(Array(history[150...]))
            try rebuilt.project(view)
            #expect(try rebuilt.rows(view) != rows)
            let past = PastView(view, in: directory + "/past", of: rebuilt.log, until: then)
            let answer = try past.build()
            #expect(answer.outcome == .built)
            #expect(
                answer.positions.filter { $0.value > 0 }
                    == then.filter { bound in
                        bound.value > 0 && view.topics.contains(bound.key.topic)
                    })
            #expect(answer.undecodable.count == 1)
            let generations = SQLiteViewGenerations(view, path: past.path)
            let source = try generations.rows(of: try generations.active())
            for table in source.tables {
                let cursor = try source.cursor(table, columns: table.columns, ordered: true)
                var found: [[StoredValue]] = []
                while try cursor.next() { found.append(try table.columns.indices.map { try cursor.value($0) }) }
                #expect(found == rows[table.name], "\(table.name)")
            }
            #expect(try rebuilt.generations(view).active() == 1)
        }
    }

    @Test func anInterruptedOneGoesOnWithTheSameMomentOnly() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 12, count: 200).records)
            let then = try ends(rebuilt)
            let past = PastView(.shared, in: directory + "/past", of: rebuilt.log, until: then)
            let stopped = #expect(throws: ReplayError.self) { try past.build(shouldStop: { true }) }
            #expect(stopped?.code == .interrupted)
            let other = PastView(.shared, in: directory + "/past", of: rebuilt.log, until: then.mapValues { $0 / 2 })
            #expect(throws: ReplayError.self) { try other.build() }
            #expect(try past.build().outcome == .built)
            let again = #expect(throws: ReplayError.self) { try past.build() }
            #expect(again?.code == .invalid)
        }
    }
}
