import Glibc

/// A file of figures for a collector of text files, replaced as a whole each time: a reader never sees a part.
public struct MetricsFile: Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    /// - Throws: `TelemetryError` with `file`; the file that was there stays.
    public func write(_ figures: [UInt8]) throws {
        let partial = "\(path).\(getpid()).partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(partial) }
        let isWritten = Self.write(figures, to: descriptor)
        let error = errno
        close(descriptor)
        guard isWritten, rename(partial, path) == 0 else {
            let failure = failure(partial, isWritten ? errno : error)
            unlink(partial)
            throw failure
        }
    }

    private static func write(_ figures: [UInt8], to descriptor: Int32) -> Bool {
        figures.withUnsafeBytes { raw in
            var written = 0
            while written < raw.count {
                let count = Glibc.write(descriptor, raw.baseAddress! + written, raw.count - written)
                if count >= 0 { written += count } else if errno != EINTR { return false }
            }
            return true
        }
    }

    private func failure(_ name: String, _ error: Int32 = errno) -> TelemetryError {
        TelemetryError(
            .file,
            "metrics: cannot write: \(name): \(String(cString: strerror(error))): check the directory, or name another"
        )
    }
}
