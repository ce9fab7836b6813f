import Glibc
import Synchronization

/// Shows a process's figures to whoever asks over HTTP, and in a file, from a thread of its own.
///
/// It serves at most ``connectionLimit`` clients at once; one more takes the place of the oldest. Each has
/// ``secondsPerConnection`` for everything, however it spends them. Figures are read again at most once a second.
///
/// Threads: `start` and `stop` once each, from any thread.
public final class MetricsPublisher: Sendable {
    static let connectionLimit = 16
    static let secondsPerConnection = 5
    private static let turnMillis: Int32 = 100

    private let registry: MetricsRegistry
    private let listener: Int32?
    private let file: MetricsFile?
    private let fileInterval: Duration
    private let complain: @Sendable (String) -> Void
    private let isStopped = Atomic<Bool>(false)
    private let thread = Mutex(pthread_t())
    /// Where it listens; the one the system chose, when it was asked to choose.
    public let port: UInt16?

    /// Begins to listen; answers come after `start`.
    /// - Parameters:
    ///   - address: `nil` for none.
    ///   - file: `nil` for none; written every `fileInterval` and at the end.
    ///   - complain: told what an operator should know, once for each kind in a row.
    /// - Throws: `TelemetryError`.
    public init(
        _ registry: MetricsRegistry, address: MetricsAddress?, file: MetricsFile?,
        fileInterval: Duration = .seconds(15),
        complain: @escaping @Sendable (String) -> Void
    ) throws {
        self.registry = registry
        self.file = file
        self.fileInterval = fileInterval
        self.complain = complain
        let listening = try address?.listen()
        listener = listening?.descriptor
        port = listening?.port
    }

    deinit {
        if let listener { close(listener) }
    }

    public func start() {
        var handle = pthread_t()
        let code = pthread_create(
            &handle, nil,
            { context in
                if let context { Unmanaged<MetricsPublisher>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "the system gives no thread: error \(code)")
        thread.withLock { $0 = handle }
    }

    /// Ends it, once the file has the last figures.
    public func stop() {
        isStopped.store(true, ordering: .relaxed)
        pthread_join(thread.withLock { $0 }, nil)
    }

    /// What only the thread has.
    private struct State {
        var connections: [MetricsConnection] = []
        var figures: [UInt8] = []
        var readAt: ContinuousClock.Instant?
        var fileDue = ContinuousClock.now
        var fileFailed = false
    }

    private func run() {
        var state = State()
        while !isStopped.load(ordering: .relaxed) {
            serve(&state)
            if ContinuousClock.now >= state.fileDue {
                writeFile(&state)
                state.fileDue = ContinuousClock.now + fileInterval
            }
        }
        for connection in state.connections { close(connection.descriptor) }
        state.readAt = nil
        writeFile(&state)
    }

    private func writeFile(_ state: inout State) {
        guard let file else { return }
        do {
            try file.write(figures(&state))
            state.fileFailed = false
        } catch {
            if !state.fileFailed { complain("\(error)") }
            state.fileFailed = true
        }
    }

    /// One turn: waits for clients, no longer than a turn lasts.
    private func serve(_ state: inout State) {
        var descriptors = state.connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        if let listener { descriptors.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
        guard poll(&descriptors, nfds_t(descriptors.count), Self.turnMillis) >= 0 else { return }
        let ready = descriptors.map { $0.revents != 0 }
        var (kept, now) = ([MetricsConnection](), ContinuousClock.now)
        for (index, connection) in state.connections.enumerated() {
            var connection = connection
            let isOver = ready[index] && connection.advance { figures(&state) }
            now = ContinuousClock.now
            if !isOver, now < connection.deadline {
                kept.append(connection)
            } else {
                if !isOver { connection.refuseSlow() }
                close(connection.descriptor)
            }
        }
        state.connections = kept
        if listener != nil, ready[ready.count - 1] { accept(&state) }
    }

    private func accept(_ state: inout State) {
        guard let listener else { return }
        // A turn's share: more wait for the next one.
        for _ in 0..<Self.connectionLimit {
            let descriptor = Glibc.accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            if state.connections.count >= Self.connectionLimit { close(state.connections.removeFirst().descriptor) }
            state.connections.append(
                MetricsConnection(
                    descriptor: descriptor, deadline: ContinuousClock.now + .seconds(Self.secondsPerConnection)))
        }
    }

    private func figures(_ state: inout State) -> [UInt8] {
        let now = ContinuousClock.now
        if let readAt = state.readAt, now - readAt < .seconds(1) { return state.figures }
        state.figures = registry.text()
        state.readAt = now
        return state.figures
    }
}
