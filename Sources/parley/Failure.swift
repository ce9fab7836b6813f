import Arguments
import ContentProtection
import Deployment
import EventLog
import LegacyMailbox
import MessagingService
import Postgres
import Projection
import Replay
import Replication
import Telemetry
import TimeTravel

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
    init(any error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as ArgumentsError: self.init(error.exitCode, error.message)
        case let error as DeploymentError: self.init(error)
        case let error as LogError: self.init(error)
        case let error as ContentProtectionError: self.init(error)
        case let error as ProjectionError: self.init(error)
        case let error as PostgresError: self.init(error)
        case let error as ReadError: self.init(error)
        case let error as LegacyError: self.init(error)
        case let error as ReplicationError: self.init(error)
        case let error as ReplayError: self.init(error)
        case let error as TelemetryError: self.init(error)
        case let error as TimeTravelError: self.init(error)
        default: self.init(.bug, "unexpected error: \(error): please report this")
        }
    }
}
