/// What the process answers to its caller; part of the public interface, so a number never changes its meaning.
public enum ExitCode: Int32, Sendable, CaseIterable {
    case done = 0
    /// Done, and the answer is no: views differ, lines were refused, or it is not there or not yours.
    case no = 1
    case wrongUsage = 64
    case badInput = 65
    case noInput = 66
    case unreachable = 69
    case bug = 70
    case cannotCreate = 73
    case inputOutput = 74
    case tryAgain = 75
    case notAllowed = 77
    case wrongConfiguration = 78
    /// Stopped cleanly after SIGINT.
    case interrupted = 130
    /// Stopped cleanly after SIGTERM.
    case terminated = 143

    /// One line for the help text.
    public var meaning: String {
        switch self {
        case .done: "done"
        case .no: "done, and the answer is no (views differ, lines were refused, not there or not yours)"
        case .wrongUsage: "wrong usage"
        case .badInput: "bad input data"
        case .noInput: "no such input file"
        case .unreachable: "a server is not reachable"
        case .bug: "a bug"
        case .cannotCreate: "cannot create"
        case .inputOutput: "input or output failed"
        case .tryAgain: "try again later"
        case .notAllowed: "not allowed"
        case .wrongConfiguration: "wrong configuration"
        case .interrupted: "stopped cleanly after SIGINT"
        case .terminated: "stopped cleanly after SIGTERM"
        }
    }
}
