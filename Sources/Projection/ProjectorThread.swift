public import EventLog
import Glibc
import Synchronization

/// Stops a group of projectors together; any thread may raise it.
public final class StopFlag: Sendable {
    private let raised = Atomic<Bool>(false)
    public init() {}
    public func raise() { raised.store(true, ordering: .relaxed) }
    public var isRaised: Bool { raised.load(ordering: .relaxed) }
}

/// A projector on a thread of its own, started again with backoff when what failed may pass.
///
/// When it fails for good it raises the flag of its group, so that the others stop too.
/// Threads: `start` and `join` once each, from any thread.
public final class ProjectorThread: Sendable {
    /// What makes the store, on the thread that will own it.
    public typealias StoreMaker = @Sendable () throws -> any ViewStore

    private struct State {
        var thread = pthread_t()
        var failure: (any Error)?
    }

    private let log: any EventLog
    private let owner: LeaseOwner
    private let limits: ProjectorLimits
    private let makeStore: StoreMaker
    private let observe: @Sendable (Projector.Event) -> Void
    private let stop: StopFlag
    private let state = Mutex(State())

    /// - Parameter observe: called on the projector's thread.
    public init(
        log: any EventLog, owner: LeaseOwner, limits: ProjectorLimits = ProjectorLimits(), stop: StopFlag,
        makeStore: @escaping StoreMaker, observe: @escaping @Sendable (Projector.Event) -> Void
    ) {
        self.log = log
        self.owner = owner
        self.limits = limits
        self.stop = stop
        self.makeStore = makeStore
        self.observe = observe
    }

    public func start() {
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ProjectorThread>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "the system gives no thread: error \(code)")
        state.withLock { $0.thread = thread }
    }

    /// Waits for the end.
    /// - Throws: what the projector failed of.
    public func join() throws {
        pthread_join(state.withLock { $0.thread }, nil)
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }

    private static let firstBackoffMillis: UInt32 = 100
    private static let longestBackoffMillis: UInt32 = 10_000

    private func run() {
        var backoffMillis = Self.firstBackoffMillis
        while !stop.isRaised {
            var hasApplied = false
            do {
                let store = try makeStore()
                let projector = Projector(log: log, store: store, owner: owner, limits: limits) { event in
                    if case .applied = event { hasApplied = true }
                    self.observe(event)
                }
                try projector.run { self.stop.isRaised }
                return
            } catch let error as ProjectionError where error.code == .superseded {
                observe(.superseded(error.message))
            } catch {
                // It worked in between: this is another outage, not the same one again.
                if hasApplied { backoffMillis = Self.firstBackoffMillis }
                guard Self.mayPass(error) else {
                    state.withLock { $0.failure = error }
                    return stop.raise()
                }
                observe(.retrying("\(error)", afterMillis: Int(backoffMillis)))
                for _ in 0..<backoffMillis / 50 where !stop.isRaised { usleep(50_000) }
                backoffMillis = min(backoffMillis * 2, Self.longestBackoffMillis)
            }
        }
    }

    private static func mayPass(_ error: any Error) -> Bool {
        switch error {
        case let error as ProjectionError: error.isRetriable
        case let error as LogError: error.isRetriable
        default: false
        }
    }
}
