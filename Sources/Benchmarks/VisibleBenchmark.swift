import Deployment
import EventLog
import Glibc
import Messaging
import MessagingService

/// How long a message takes from its append to both views.
public enum VisibleBenchmark {
    /// `visible.p50`, `visible.p99`, `visible.p999`: from the call of append to the moment both views of a `parley node`
    /// in another process have applied it, at 200 sends a second. The floor is the append alone: the sync.
    ///
    /// - Parameters:
    ///   - executable: `parley`.
    ///   - directory: must exist; files are made in it and removed.
    public static func visible(executable: String, in directory: String, sends: Int = 1_000) throws -> [Measurement] {
        try withScratchDirectory(in: directory) { scratch in
            let settings = try DeploymentSettings(data: "\(scratch)/data")
            let deployment = try Deployment(settings, ifMissing: .create)
            defer { deployment.close() }
            let node = try NodeProcess(executable, ["node", "--data", "\(scratch)/data"])
            defer { node.stop() }
            let watchers = try Watchers(settings)
            let (appends, totals) = try measure(deployment, watchers, sends: sends)
            return [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)].map { name, quantile in
                let value = Measurement.quantile(totals, quantile)
                let floor = Measurement.quantile(appends, quantile)
                return Measurement(
                    name: "visible.\(name)", value: value, unit: "ms", floor: floor, ratio: value / floor,
                    min: totals[0], max: totals[totals.count - 1], runs: totals.count)
            }
        }
    }

    static func measure(
        _ deployment: Deployment, _ watchers: Watchers, sends: Int
    ) throws -> (appends: [Double], totals: [Double]) {
        var random = SplitMix(state: 3)
        let admission = try deployment.makeAdmission(keys: try deployment.openKeys())
        let actor = MemberID(random.identifier())
        var appends: [Double] = []
        var totals: [Double] = []
        for index in 0..<sends + 20 {
            let watch = Stopwatch()
            let request = CommandRequest(
                actor: actor, conversation: nil,
                kind: .sendDirect(
                    to: MemberID(Identifier(high: UInt64(index % 50) + 1, low: 1)),
                    SendRequest(content: Content(text: Array("visible at last".utf8)))))
            let records = try admission.admit([.success(JudgedRequest(request))]).records
            guard let appended = try deployment.log.append(records).first else {
                throw BenchmarkError("a message of the benchmark was refused")
            }
            let position = Position(records.entries[0].partition, appended.offset)
            let durable = watch.seconds
            try watchers.wait(for: position)
            let total = watch.seconds
            if index >= 20 {
                appends.append(durable * 1_000)
                totals.append(total * 1_000)
            }
            if total < 0.005 { usleep(UInt32((0.005 - total) * 1e6)) }
        }
        return (appends.sorted(), totals.sorted())
    }
}
