/// Why figures cannot be shown.
public struct TelemetryError: Error, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The address is none, or of another machine.
        case address
        /// Somebody else listens there, or this user may not.
        case listen
        /// The file cannot be written.
        case file
    }

    public let code: Code
    /// What happened and what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var isRetriable: Bool { code == .file }
    public var description: String { message }
}
