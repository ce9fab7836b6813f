import Arguments
import Glibc
import Synchronization

/// SIGINT and SIGTERM, heard by a thread of their own.
///
/// A command that can stop cleanly says so with `whenRaised`; any other ends at once, with nothing half done, because
/// every write of a view or log is one transaction. A second signal, or five seconds, end a clean stop that hangs.
final class StopSignal: Sendable {
    private struct State {
        var signal: Int32 = 0
        var wakers: [@Sendable () -> Void] = []
    }

    private static let secondsToStop = 5
    private let raised = Atomic<Int32>(0)
    private let state = Mutex(State())

    /// Blocks both signals in this thread and those it starts later, and begins to listen.
    /// - Precondition: called once, before any other thread is started.
    static func listen() -> StopSignal {
        let stop = StopSignal()
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        var thread = pthread_t()
        let failed = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<StopSignal>.fromOpaque(context!).takeRetainedValue().waitForSignals()
                return nil
            }, Unmanaged.passRetained(stop).toOpaque())
        precondition(failed == 0, "no thread for signals")
        pthread_detach(thread)
        return stop
    }

    /// Whether a signal asked to stop. Cheap enough for every turn of a loop.
    var isRaised: Bool { raised.load(ordering: .relaxed) != 0 }

    /// The exit code of a clean stop, once a signal came.
    var exitCode: ExitCode? {
        switch raised.load(ordering: .relaxed) {
        case SIGINT: .interrupted
        case SIGTERM: .terminated
        default: nil
        }
    }

    /// Declares that the command stops cleanly by itself: `wake` is called, on the listening thread, when it is to.
    /// It is called at once when the signal has come already.
    func whenRaised(_ wake: @escaping @Sendable () -> Void) {
        let late = state.withLock { state -> Bool in
            state.wakers.append(wake)
            return state.signal != 0
        }
        if late { wake() }
    }

    private func waitForSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        var signal: Int32 = 0
        while sigwait(&signals, &signal) != 0 {}
        raised.store(signal, ordering: .relaxed)
        let wakers = state.withLock { state -> [@Sendable () -> Void] in
            state.signal = signal
            return state.wakers
        }
        guard !wakers.isEmpty else { _exit(128 + signal) }
        for wake in wakers { wake() }
        var limit = timespec(tv_sec: Self.secondsToStop, tv_nsec: 0)
        while sigtimedwait(&signals, nil, &limit) < 0, errno == EINTR {}
        _exit(128 + signal)
    }
}
