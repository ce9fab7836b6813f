import Arguments

/// Why a command ends without having done its work: the exit code, and one line for the person who asked.
struct Failure: Error {
    let exitCode: ExitCode
    /// `what: where: what to do`.
    let message: String

    init(_ exitCode: ExitCode, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    /// Any error that may reach the top, in the terms of the exit codes.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ArgumentsError: self.init(error.exitCode, error.message)
        default: self.init(.bug, "unexpected error: \(error): please report this")
        }
    }
}
