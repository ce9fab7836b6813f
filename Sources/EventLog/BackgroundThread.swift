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

/// Work whose result is waited for, on a thread of its own.
///
/// What it uses belongs to it until then.
package final class BackgroundWork<Value>: @unchecked Sendable {
    private var result: Result<Value, any Error>?
    private var thread: BackgroundThread?

    package init(_ body: @escaping () throws -> Value) {
        let handed = Handed(body)
        thread = BackgroundThread { [unowned self] in result = Result { try handed.value() } }
    }

    deinit { thread?.join() }

    /// Waits for the result. To be called by one thread.
    package func wait() throws -> Value {
        thread?.join()
        thread = nil
        return try result!.get()
    }
}

/// What one thread hands to another and does not touch until it has it back.
package struct Handed<Value>: @unchecked Sendable {
    package let value: Value
    package init(_ value: Value) { self.value = value }
}
