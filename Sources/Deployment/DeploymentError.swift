/// Why a deployment cannot be opened.
public struct DeploymentError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// There is nothing where it should be.
        case missing
        /// A directory or file cannot be made.
        case cannotCreate
        /// This process may not read or write it.
        case notAllowed
        /// A setting makes no sense, is not supported, or is not the one the deployment was made with.
        case configuration
        /// The system failed to read or write.
        case inputOutput
    }

    public var code: Code
    /// What happened, where, and what to do.
    public var message: String
    /// The same again later may succeed.
    public var isRetriable: Bool
    /// What a lower layer said.
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.cause = cause
    }

    public var description: String { message }
}
