import ContentProtection
import Deployment
import EventLog
import Messaging
import MessagingService

/// The thread that writes for a producer: takes all that was handed in meanwhile, and appends it in one batch.
final class PublishingDesk: @unchecked Sendable {
    typealias Answer = CheckedContinuation<Producer.Receipt, any Error>
    private typealias Job = (command: CommandRequest, answer: Answer)

    private static let batchLimit = 1_000

    private let deployment: Deployment
    private let monitor = Monitor()
    // Only under the monitor's lock.
    private var waiting: [Job] = []
    private var isClosed = false
    private var thread: BackgroundThread?

    /// - Throws: `LogError`, `ContentProtectionError`.
    init(_ deployment: Deployment) throws {
        self.deployment = deployment
        let keys = try deployment.openKeys()
        thread = BackgroundThread { self.work(keys) }
    }

    /// Hands in a command; its answer comes from the desk's thread.
    func hand(in command: CommandRequest, _ answer: Answer) {
        let isTaken = monitor.withLock {
            guard !isClosed else { return false }
            waiting.append((command, answer))
            monitor.wakeAll()
            return true
        }
        if !isTaken { answer.resume(throwing: LogError.closed("the producer")) }
    }

    /// Ends the thread, which answers first what was handed in. Again, it does nothing.
    func close() {
        let thread = monitor.withLock {
            isClosed = true
            monitor.wakeAll()
            defer { self.thread = nil }
            return self.thread
        }
        guard let thread else { return }
        thread.join()
        deployment.close()
    }

    private func work(_ keys: any KeyService) {
        let writer = Result {
            CommandWriter(log: deployment.log, admission: try deployment.makeAdmission(keys: keys))
        }
        while let jobs = takeJobs() { Self.write(jobs, writer) }
    }

    /// All that waits, within the limit; `nil` when there will be nothing more.
    private func takeJobs() -> [Job]? {
        monitor.withLock {
            while waiting.isEmpty && !isClosed { monitor.wait() }
            guard !waiting.isEmpty else { return nil }
            let jobs = Array(waiting.prefix(Self.batchLimit))
            waiting.removeFirst(jobs.count)
            return jobs
        }
    }

    private static func write(_ jobs: [Job], _ writer: Result<CommandWriter, any Error>) {
        do {
            let answers = try writer.get().writeEach(jobs.map(\.command))
            for (job, answer) in zip(jobs, answers) {
                job.answer.resume(with: answer.map(Producer.Receipt.init).mapError { $0 as any Error })
            }
        } catch {
            for job in jobs { job.answer.resume(throwing: error) }
        }
    }
}

extension Producer.Receipt {
    init(_ written: CommandWriter.Written) {
        self.init(
            id: written.admitted.id, conversation: written.admitted.conversation, message: written.admitted.message,
            position: written.position, token: written.token)
    }
}
