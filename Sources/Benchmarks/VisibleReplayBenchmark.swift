import Deployment
import EventLog
import Glibc
import Projection
import Synchronization

extension VisibleBenchmark {
    /// `visible.replay.p99`: from the call of append to the moment both views of a `parley node` in another process have
    /// applied it, while a third process rebuilds both views and compares them, again and again. The floor is the same
    /// without the rebuild; the quantile is that of all sends of several rounds of each, in turns.
    ///
    /// - Parameters:
    ///   - executable: `parley`.
    ///   - directory: must exist; files are made in it and removed.
    ///   - records: of the log before.
    ///   - sends: of a round.
    public static func replay(
        executable: String, in directory: String, records: Int = 300_000, sends: Int = 1_200, rounds: Int = 8
    ) throws -> Measurement {
        try withScratchDirectory(in: directory) { scratch in
            let data = "\(scratch)/data"
            let settings = try DeploymentSettings(data: data)
            let deployment = try Deployment(settings, ifMissing: .create)
            defer { deployment.close() }
            // Before there are keys: none are made where there are records already.
            _ = try deployment.openKeys()
            _ = try ProjectionHistory(conversations: records / 100, members: records / 50)
                .append(to: deployment.log, records: records, seed: 4)
            let node = try NodeProcess(executable, ["node", "--data", data])
            defer { node.stop() }
            try Watchers(settings).wait(for: deployment.log.endOffsets(), patienceSeconds: 300)
            var (alone, beside) = ([[Double]](), [[Double]]())
            for _ in 0..<rounds {
                alone.append(try totals(deployment, settings, sends))
                let found = Mutex<[Double]>([])
                let stop = StopFlag()
                try onThreads(2) { index in
                    guard index == 0 else { return try rebuild(executable, data, until: stop) }
                    defer { stop.raise() }
                    let totals = try totals(deployment, settings, sends)
                    found.withLock { $0 = totals }
                }
                beside.append(found.withLock { $0 })
            }
            return Measurement(
                name: "visible.replay.p99", unit: "ms", quantile: 0.99, values: beside, floors: alone)
        }
    }

    /// How long each send took to both views, in milliseconds.
    private static func totals(
        _ deployment: Deployment, _ settings: DeploymentSettings, _ sends: Int
    ) throws -> [Double] {
        // What was written before is on disk: neither side pays for the other.
        sync()
        return try measure(deployment, try Watchers(settings), sends: sends).totals
    }

    /// One rebuild after another in another process.
    private static func rebuild(_ executable: String, _ data: String, until stop: StopFlag) throws {
        while !stop.isRaised {
            let process = try NodeProcess(executable, ["verify-view", "--view", "all", "--data", data])
            let status = process.wait(stoppingWhen: { stop.isRaised })
            guard stop.isRaised || status == 0 else { throw BenchmarkError("parley verify-view ended with \(status)") }
        }
    }
}
