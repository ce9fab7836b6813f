import EventLog
import Glibc
import PersonalMetadata
import Projection
import Replay
import SQLite
import SQLiteLog
import SharedContent
import ViewStorage

/// What rebuilding costs.
public enum ReplayBenchmark {
    /// `replay.sqlite`: both views rebuilt at the same time from the SQLite log, a hundred records a conversation. The floor
    /// sorts the same final rows, which it finds in random order, by SQLite itself and loads them into the same tables,
    /// secondary indexes last, on two threads as well. `replay.sqlite.live`: the same beside the live projection.
    ///
    /// - Parameter records: of the log.
    public static func sqlite(in directory: String, records: Int = 500_000) throws -> [Measurement] {
        try withScratchDirectory(in: directory) { scratch in
            let log = try SQLiteLog(directory: "\(scratch)/log")
            defer { log.close() }
            let history = ProjectionHistory(conversations: records / 100, members: records / 50)
            let count = Double(try history.append(to: log, records: records, seed: 2))
            let live = count / (try project(log, in: scratch))
            let rebuilt = count / (try rebuild(log, in: scratch))
            try compare(log, in: scratch)
            let floor = count / (try ReplayFloor.seconds(in: scratch))
            return [
                Measurement(name: "replay.sqlite", unit: "records/s", values: [rebuilt], floors: [floor]),
                Measurement(name: "replay.sqlite.live", unit: "records/s", values: [rebuilt], floors: [live]),
            ]
        }
    }

    static func generations(_ view: ProjectionName, in directory: String) -> SQLiteViewGenerations {
        SQLiteViewGenerations(view, path: "\(directory)/\(view.rawValue).sqlite")
    }

    private static func project(_ log: any EventLog, in directory: String) throws -> Double {
        let watch = Stopwatch()
        try onThreads(2) { index in
            let view = ProjectionName.allCases[index]
            let path = "\(directory)/\(view.rawValue).sqlite"
            let store: any ViewStore =
                view == .shared ? try SQLiteSharedContentStore(path: path) : try SQLitePersonalMetadataStore(path: path)
            _ = try Projector(log: log, store: store, owner: HostProcess.owner(tag: "bench \(view)")).catchUp()
        }
        return watch.seconds
    }

    private static func rebuild(_ log: any EventLog, in directory: String) throws -> Double {
        let watch = Stopwatch()
        try onThreads(2) { index in
            var options = ReplayOptions()
            options.yieldAboveSeconds = nil
            _ = try ViewReplay(
                log: log, generations: generations(ProjectionName.allCases[index], in: directory), options: options
            ).build()
        }
        return watch.seconds
    }

    /// What is fast but wrong is not measured.
    private static func compare(_ log: any EventLog, in directory: String) throws {
        for view in ProjectionName.allCases {
            let generations = generations(view, in: directory)
            let result = try ViewComparison(view).run(
                live: try generations.rows(of: 1), rebuilt: try generations.rows(of: 2)
            ) { _ in }
            guard result.isEqual else {
                throw BenchmarkError("the rebuilt \(view.rawValue) view differs in \(result.differences) rows")
            }
        }
    }
}

/// Sorting the final rows of both views and loading them.
private enum ReplayFloor {
    static func seconds(in directory: String) throws -> Double {
        for view in ProjectionName.allCases { try shuffle(view, in: directory) }
        let watch = Stopwatch()
        try onThreads(2) { try load(ProjectionName.allCases[$0], in: directory) }
        return watch.seconds
    }

    private static func tables(_ view: ProjectionName, in directory: String) throws -> [StoredTable] {
        try ReplayBenchmark.generations(view, in: directory).rows(of: 2).tables
    }

    /// Copies the rows of generation 2 in random order into tables without keys.
    private static func shuffle(_ view: ProjectionName, in directory: String) throws {
        let tables = try tables(view, in: directory)
        let connection = try Connection(
            "\(directory)/\(view.rawValue).shuffled", pragmas: ["journal_mode=OFF", "synchronous=OFF"])
        try connection.execute("ATTACH '\(directory)/\(view.rawValue).sqlite.g2' AS built")
        for table in tables {
            try connection.execute(
                "CREATE TABLE main.\(table.name) AS SELECT * FROM built.\(table.name) ORDER BY random()")
        }
    }

    private static func load(_ view: ProjectionName, in directory: String) throws {
        let tables = try tables(view, in: directory)
        let generations = ReplayBenchmark.generations(view, in: directory)
        let store = try generations.open(9, cachedRows: 0)
        guard let database = generations.bulk(store) as? ViewDatabase else { preconditionFailure("a SQLite store") }
        _ = try database.beginLoading([])
        try database.connection.execute("ATTACH '\(directory)/\(view.rawValue).shuffled' AS rows")
        for table in tables {
            let key = table.key.map { "\"\(table.columns[$0])\"" }.joined(separator: ", ")
            try database.write {
                try database.connection.execute(
                    "INSERT INTO main.\(table.name) SELECT * FROM rows.\(table.name) ORDER BY \(key)")
            }
        }
        try database.endLoading()
    }
}
