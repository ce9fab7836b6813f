import Glibc

/// A thread that runs one closure, to be waited for.
package final class BackgroundThread {
    private final class Work {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    /// - Precondition: the system has a thread to give; without one nothing here can work.
    package init(_ run: @escaping @Sendable () -> Void) {
        let failed = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(Work(run)).toOpaque())
        precondition(failed == 0, "the system gives no thread (error \(failed)): raise the limit of threads")
    }

    /// Waits until the closure has returned. Called once.
    package func join() { pthread_join(thread, nil) }
}
