/// Why something about the legacy system could not be done.
public struct LegacyError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// There is no legacy store where one should be; or one is where none should be.
        case missing
        /// A thread, message or participant that is not there.
        case notFound
        /// An argument that the legacy store cannot hold.
        case invalid
        /// A record that is no legacy write of the format, or lacks what one needs.
        case malformed
        /// A record, or a store, of a version or kind that this program does not know.
        case unknown
        /// A mapping file that says something impossible.
        case configuration
        /// Somebody else holds the store or the relay's lock.
        case busy
        /// The legacy store's server cannot be reached.
        case unreachable
        /// The legacy store failed.
        case store
        /// The system failed to read a file or directory.
        case inputOutput
    }

    public var code: Code
    /// What happened, where, and what to do. Never holds content.
    public var message: String
    /// The same call may succeed later.
    public var isRetriable: Bool
    /// What lies beneath.
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.cause = cause
    }

    public var description: String {
        let reason = cause.map { " (cause: \($0))" } ?? ""
        return "legacy \(code.rawValue): \(message)\(reason)"
    }
}
