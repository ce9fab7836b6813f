import Deployment
import Glibc
import Projection

/// Tells on standard error what the log's clients say of themselves, on a thread of its own.
final class StatisticsReporter: Sendable {
    private static let pieceMillis = 50

    private let line: @Sendable () -> String?
    private let intervalMillis: Int
    private let stop: StopFlag
    private nonisolated(unsafe) var thread = pthread_t()

    /// Begins to tell, where the deployment's log has statistics and an operator asked to read them.
    static func begin(_ deployment: Deployment, _ stop: StopFlag) -> StatisticsReporter? {
        guard deployment.settings.tellsLogStatistics, let statistics = deployment.logStatistics else { return nil }
        return StatisticsReporter(
            line: { statistics.latest().map { "\($0)" } }, every: statistics.intervalMillis, stop)
    }

    /// Begins to tell.
    /// - Parameter stop: ends it.
    init(line: @escaping @Sendable () -> String?, every intervalMillis: Int, _ stop: StopFlag) {
        self.line = line
        self.intervalMillis = intervalMillis
        self.stop = stop
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<StatisticsReporter>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "the system gives no thread: error \(code)")
    }

    /// Waits for the end, after `stop` was raised.
    func join() { pthread_join(thread, nil) }

    private func run() {
        var waited = 0
        while !stop.isRaised {
            usleep(UInt32(Self.pieceMillis) * 1_000)
            waited += Self.pieceMillis
            guard waited >= intervalMillis else { continue }
            waited = 0
            if let line = line() { Console.complain("log: \(line)") }
        }
    }
}
