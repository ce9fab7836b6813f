import EventLog
public import Postgres
import Projection
import Replay
import SQLiteLog
import ViewStorage

extension ReplayBenchmark {
    /// `replay.postgres`: both views rebuilt in PostgreSQL at the same time from the SQLite log, a hundred records a
    /// conversation. The floor is that of `project.postgres`: the same final rows copied into the same tables with their keys
    /// and indexes. `replay.postgres.live`: the same beside the live projection.
    ///
    /// - Parameters:
    ///   - server: any database of a server on which the role may make others; two are made and dropped.
    ///   - records: of the log.
    public static func postgres(
        on server: PostgresAddress, in directory: String, runs: Int = 3, records: Int = 500_000
    ) throws -> [Measurement] {
        try withScratchDirectory(in: directory) { scratch in
            let log = try SQLiteLog(directory: "\(scratch)/log")
            defer { log.close() }
            let history = ProjectionHistory(conversations: records / 100, members: records / 50)
            let count = Double(try history.append(to: log, records: records, seed: 2))
            return try withScratchDatabase(on: server, "views") { views in
                let live = count / (try ProjectionBenchmark.project(log, into: views))
                let places = ProjectionName.allCases.map {
                    PostgresViewGenerations($0, address: views, workDirectory: scratch)
                }
                var (values, floors): ([Double], [Double]) = ([], [])
                for _ in 0..<runs {
                    values.append(count / (try rebuild(log, places)))
                    try compare(log, places)
                    floors.append(
                        try withScratchDatabase(on: server, "floor") {
                            count / (try ProjectionBenchmark.copySeconds(from: views, generation: 2, to: $0))
                        })
                    for place in places { try place.remove(2) }
                }
                let lives = [Double](repeating: live, count: runs)
                return [
                    Measurement(name: "replay.postgres", unit: "records/s", values: values, floors: floors),
                    Measurement(name: "replay.postgres.live", unit: "records/s", values: values, floors: lives),
                ]
            }
        }
    }
}
