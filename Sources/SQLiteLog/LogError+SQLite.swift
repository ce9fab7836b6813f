import EventLog
import Glibc
import SQLite

extension LogError {
    /// Says what SQLite's error means for the log.
    /// - Parameters:
    ///   - work: what was tried, as in "append".
    ///   - path: the log's file.
    init(_ error: SQLiteError, _ work: String, _ path: String, outcomeUnknown: Bool = false) {
        let (code, advice, isRetriable): (Code, String, Bool) =
            if error.isFull {
                (.full, "there is no space left for \(path): make space and try again", true)
            } else if error.isBusy {
                (.busy, "other writers kept \(path) locked for too long: try again", true)
            } else if error.isCorrupt || error.isConstraint || error.isCutOff {
                (.corrupt, "\(path) is damaged: restore it from a backup", false)
            } else if error.isReadOnly {
                (.readOnly, "\(path) or its directory may not be written: give this process permission", false)
            } else if error.isCannotOpen {
                (.cannotOpen, "\(path) cannot be opened: check that it is a file and may be read and written", false)
            } else if error.isIO {
                (.inputOutput, "the system failed to read or write \(path): check the disk", false)
            } else {
                (.corrupt, "\(path) does not hold what a log holds: restore it from a backup", false)
            }
        self.init(
            code, "cannot \(work): \(advice)", isRetriable: isRetriable, outcomeUnknown: outcomeUnknown, cause: error)
    }

    /// Says why a system call failed.
    init(system work: String, _ number: Int32) {
        let reason = String(cString: strerror(number))
        let (code, advice): (Code, String) =
            switch number {
            case EACCES, EPERM, EROFS: (.readOnly, "give this process permission or choose another directory")
            case ENOSPC, EDQUOT: (.full, "make space and try again")
            case ENOTDIR, ENOENT, EISDIR, ENAMETOOLONG, ELOOP: (.cannotOpen, "check the path")
            default: (.inputOutput, "check the disk and the limits of this process")
            }
        self.init(code, "cannot \(work): \(reason); \(advice)", isRetriable: code == .full)
    }

    /// What is stored is not what was written.
    static func damaged(_ path: String, _ partition: TopicPartition, offset: Int64, _ finding: String) -> LogError {
        LogError(
            .corrupt,
            "\(path): \(Position(partition, offset)): \(finding); the records from there on are not served: restore the "
                + "file from a backup")
    }
}
