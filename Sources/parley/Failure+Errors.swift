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

/// What the errors of the targets below mean as exit codes.
extension Failure {
    init(_ error: DeploymentError) {
        let code: ExitCode =
            switch error.code {
            case .missing: .noInput
            case .cannotCreate: .cannotCreate
            case .notAllowed: .notAllowed
            case .configuration: .wrongConfiguration
            case .inputOutput: .inputOutput
            }
        self.init(code, error.message)
    }

    init(_ error: LogError) {
        let code: ExitCode =
            switch error.code {
            case .offsetOutOfRange, .noSuchPartition: .badInput
            case .full, .corrupt, .inputOutput: .inputOutput
            case .busy: .tryAgain
            case .readOnly, .notAllowed: .notAllowed
            case .cannotOpen: .cannotCreate
            case .configuration: .wrongConfiguration
            case .unavailable: .unreachable
            case .closed, .recordTooLarge, .batchTooLarge, .invalidArgument: .bug
            }
        self.init(code, error.message)
    }

    init(_ error: ProjectionError) {
        let code: ExitCode =
            switch error.code {
            case .fenced, .superseded, .busy, .missing: .tryAgain
            case .unreachable: .unreachable
            case .corrupt, .full, .inputOutput, .log: .inputOutput
            case .incompatible: .wrongConfiguration
            case .refused: .bug
            case .readOnly: .notAllowed
            case .cannotOpen: .cannotCreate
            }
        self.init(code, error.message)
    }

    init(_ error: PostgresError) {
        let code: ExitCode =
            switch error.code {
            case .unreachable, .connectionLost: .unreachable
            case .notAllowed: .notAllowed
            case .configuration: .wrongConfiguration
            case .server where error.isDenied: .notAllowed
            case .server where error.isFull: .inputOutput
            case .server where error.isRetriable: .tryAgain
            case .server, .malformed: .bug
            }
        self.init(code, error.message)
    }

    init(_ error: ContentProtectionError) {
        let code: ExitCode =
            switch error.code {
            case .masterKeyFileMissing, .masterKeyFileUnusable, .masterKeyMalformed, .wrongMasterKey, .keyStoreMissing,
                .unknownKey, .masterKeyFileExists:
                .wrongConfiguration
            case .masterKeyFileExposed, .keyStoreExposed: .notAllowed
            case .keyStoreDamaged, .tampered, .malformed: .inputOutput
            case .keyStoreUnavailable: error.isRetriable ? .tryAgain : .inputOutput
            case .erasureUnfinished: .tryAgain
            case .tooLarge: .badInput
            case .library: .bug
            }
        self.init(code, "keys: \(error.message)")
    }

    init(_ error: ReadError) {
        let code: ExitCode =
            switch error.code {
            case .behind: .tryAgain
            case .wrongToken: .wrongUsage
            case .damaged: .inputOutput
            }
        self.init(code, error.message)
    }

    init(_ error: LegacyError) {
        let code: ExitCode =
            switch error.code {
            case .missing: .noInput
            case .notFound: .no
            case .invalid, .malformed, .unknown: .badInput
            case .configuration: .wrongConfiguration
            case .busy: .tryAgain
            case .unreachable: .unreachable
            case .store, .inputOutput: .inputOutput
            }
        self.init(code, error.message)
    }

    init(_ error: ReplayError) {
        let code: ExitCode =
            switch error.code {
            case .busy, .interrupted, .missing: .tryAgain
            case .incompatible: .wrongConfiguration
            case .damaged, .full: .inputOutput
            case .invalid: .wrongUsage
            }
        self.init(code, error.message)
    }

    init(_ error: TelemetryError) {
        let code: ExitCode =
            switch error.code {
            case .address: .wrongConfiguration
            case .listen: .cannotCreate
            case .file: .inputOutput
            }
        self.init(code, error.message)
    }

    init(_ error: TimeTravelError) {
        let code: ExitCode =
            switch error.code {
            case .invalid, .incomplete: .badInput
            case .interrupted: .tryAgain
            case .damaged: .bug
            }
        self.init(code, error.message)
    }

    init(_ error: ReplicationError) {
        let code: ExitCode =
            switch error.code {
            case .missing: .noInput
            case .untranslatable, .undecodable: .badInput
            case .invalid: .wrongUsage
            case .busy, .fenced: .tryAgain
            case .unreachable: .unreachable
            case .notAllowed: .notAllowed
            case .incompatible: .wrongConfiguration
            case .store: .inputOutput
            }
        self.init(code, error.message)
    }
}
