import EventLog
import Glibc
import Messaging
import Projection
import SQLiteLog
import Simulation
import TestSupport
import Testing

/// Projectors as processes that a record really ends.
@Suite struct ProjectorProcessTests {
    @Test(arguments: ProjectionName.allCases)
    func aRecordThatEndsTheProcessThreeTimesIsParkedWithItsLane(_ projection: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: "\(directory)/log")
            defer { log.close() }
            let world = ProjectedLog(log)
            try world.append(HistoryGenerator.history(seed: 31, count: 200, kind: .mixed).records.map(\.record))
            let shared = try world.records().filter { !$0.record.command.isPersonal }
            let killer = shared[shared.count / 2]
            var deaths = 0
            while true {
                let child = try ChildProcess(
                    "projector-process",
                    [
                        "project", "\(directory)/log", "\(directory)/view.db", projection.rawValue,
                        "\(killer.partition)", "\(killer.offset)",
                    ])
                let status = child.wait()
                if status == 0 { break }
                try require(status == -SIGABRT && deaths < 10, "it ended with \(status) after \(deaths) deaths")
                deaths += 1
            }
            // Once among others, then alone until the third time.
            #expect(deaths == 4)
            let store = try SQLiteStore.open(projection, "\(directory)/view.db")
            let lane = shared.filter {
                $0.record.conversation == killer.record.conversation && $0.offset >= killer.offset
            }
            let parked = try SQLiteStore.parked(in: SQLiteStore.database(of: store))
            #expect(parked.map(\.offset) == lane.map(\.offset) && lane.count > 1)
            try world.require(store, "the rest differs from the model") { !lane.contains($0) }
        }
    }
}
