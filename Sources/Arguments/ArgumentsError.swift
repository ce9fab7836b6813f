/// A command line, variable or configuration file that cannot be followed. Nothing has been done when it is thrown.
public struct ArgumentsError: Error, Sendable, Equatable {
    public enum Code: Sendable, Equatable {
        case unknownCommand
        case unknownOption
        case missingValue
        case unexpectedValue
        case missingArgument
        case tooManyArguments
        /// A value on the command line that does not fit its declaration.
        case badValue
        /// A value in a variable or in the configuration file, or the file itself.
        case configuration
    }

    public let code: Code
    /// What is wrong, where, and what to do; one line.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The same command line fails again.
    public var isRetriable: Bool { false }
    /// Nothing lies beneath.
    public var cause: (any Error)? { nil }

    public var exitCode: ExitCode { code == .configuration ? .wrongConfiguration : .wrongUsage }
}

/// Why a text is not a value of the wanted kind; the parser adds which option it was for.
public struct ConversionError: Error, Sendable, Equatable {
    /// Continues the sentence "`--limit ten`: ...", for example "is not a whole number".
    public let reason: String
    public init(_ reason: String) { self.reason = reason }
}
