import EventLog
import PersonalMetadata
import Projection
import SQLiteLog
import SharedContent
import Synchronization
import ViewStorage

/// What projecting costs.
public enum ProjectionBenchmark {
    /// `project.sqlite`: both views, each on its thread, from the SQLite log: one million records over 20,000
    /// conversations, a quarter of them reads (``ProjectionHistory``). The floor writes the same final rows, in the order
    /// in which they came to be, into the same tables with their keys and indexes, with prepared upserts in as many
    /// transactions, on two threads as well.
    ///
    /// - Parameter directory: must exist; files are made in it and removed.
    public static func sqlite(in directory: String, runs: Int = 1, records: Int = 1_000_000) throws -> Measurement {
        try withScratchDirectory(in: directory) { scratch in
            let log = try SQLiteLog(directory: "\(scratch)/log")
            defer { log.close() }
            let count = try ProjectionHistory().append(to: log, records: records, seed: 1)
            var values: [Double] = []
            var floors: [Double] = []
            for run in 0..<runs {
                let views = ["shared", "personal"].map { "\(scratch)/\($0).\(run).sqlite" }
                let (seconds, batches) = try project(log, into: views)
                values.append(Double(count) / seconds)
                floors.append(Double(count) / (try ProjectionFloor.seconds(of: views, batches: batches, in: scratch)))
            }
            return Measurement(name: "project.sqlite", unit: "records/s", values: values, floors: floors)
        }
    }

    private static func project(_ log: any EventLog, into views: [String]) throws -> (seconds: Double, batches: Int) {
        let batches = Atomic<Int>(0)
        let watch = Stopwatch()
        try onThreads(2) { index in
            let store: any ViewStore =
                index == 0
                ? try SQLiteSharedContentStore(path: views[0]) : try SQLitePersonalMetadataStore(path: views[1])
            let projector = Projector(log: log, store: store, owner: HostProcess.owner(tag: "bench\(index)")) { event in
                if case .applied = event { batches.wrappingAdd(1, ordering: .relaxed) }
            }
            _ = try projector.catchUp()
        }
        return (watch.seconds, batches.load(ordering: .relaxed) / 2)
    }
}
