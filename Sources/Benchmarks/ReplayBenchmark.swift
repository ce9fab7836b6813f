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
    /// `replay.sqlite.memory`: the most that the process held meanwhile, beside what it may.
    ///
    /// - Parameter records: of the log.
    public static func sqlite(in directory: String, runs: Int = 3, records: Int = 500_000) throws -> [Measurement] {
        try withScratchDirectory(in: directory) { scratch in
            let log = try SQLiteLog(directory: "\(scratch)/log")
            defer { log.close() }
            let history = ProjectionHistory(conversations: records / 100, members: records / 50)
            let count = Double(try history.append(to: log, records: records, seed: 2))
            let live = count / (try project(log, in: scratch))
            let places = ProjectionName.allCases.map { generations($0, in: scratch) }
            var memory = 0.0
            ProcessMemory.forgetPeak()
            var (values, floors): ([Double], [Double]) = ([], [])
            for run in 0..<runs {
                values.append(count / (try rebuild(log, places)))
                // Comparing and sorting are not the rebuild's.
                if run == 0 { memory = Double(ProcessMemory.peakBytes() >> 20) }
                try compare(log, places)
                if run == 0 { try ReplayFloor.shuffle(in: scratch) }
                floors.append(count / (try ReplayFloor.seconds(in: scratch)))
                for place in places { for generation in [2, ReplayFloor.generation] { try place.remove(generation) } }
            }
            let lives = [Double](repeating: live, count: runs)
            return [
                Measurement(name: "replay.sqlite", unit: "records/s", values: values, floors: floors),
                Measurement(name: "replay.sqlite.live", unit: "records/s", values: values, floors: lives),
                Measurement(name: "replay.sqlite.memory", unit: "MiB", values: [memory], floors: [Self.allowedMiB]),
            ]
        }
    }

    /// What two rebuilds may hold: each what its options say, and the store's cache.
    private static let allowedMiB = Double(2 * (ReplayOptions().memoryBytes >> 20 + 128))

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

    /// Both views at the same time.
    static func rebuild(_ log: any EventLog, _ places: [some ViewGenerations]) throws -> Double {
        let watch = Stopwatch()
        try onThreads(places.count) { index in
            var options = ReplayOptions()
            options.yieldAboveSeconds = nil
            _ = try ViewReplay(log: log, generations: places[index], options: options).build()
        }
        return watch.seconds
    }

    /// What is fast but wrong is not measured.
    static func compare(_ log: any EventLog, _ places: [some ViewGenerations]) throws {
        for place in places {
            let result = try ViewComparison(place.projection).run(
                live: try place.rows(of: 1), rebuilt: try place.rows(of: 2)
            ) { _ in }
            guard result.isEqual else {
                throw BenchmarkError(
                    "the rebuilt \(place.projection.rawValue) view differs in \(result.differences) rows")
            }
        }
    }
}

/// Sorting the final rows of both views and loading them.
private enum ReplayFloor {
    static let generation: Int64 = 9

    static func shuffle(in directory: String) throws {
        for view in ProjectionName.allCases { try shuffle(view, in: directory) }
    }

    static func seconds(in directory: String) throws -> Double {
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
        let generations = ReplayBenchmark.generations(view, in: directory)
        let store = try generations.open(generation, cachedRows: 0)
        guard let database = generations.bulk(store) as? ViewDatabase else { preconditionFailure("a SQLite store") }
        _ = try database.beginLoading([])
        let tables = try tables(view, in: directory)
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
