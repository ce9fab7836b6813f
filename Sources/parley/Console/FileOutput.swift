import Arguments
import Glibc

/// Bytes to a file descriptor through a buffer, so that a line costs no system call.
///
/// Not for use by several threads at once. `flush()` must be called at the end; nothing is written on release.
final class FileOutput {
    /// The reader of the pipe has gone: nobody is left to write for, which is no failure.
    struct ReaderGone: Error {}

    private let descriptor: Int32
    private let name: String
    private let capacity: Int
    private let mayLoseReader: Bool
    private var buffer: [UInt8] = []

    /// - Parameters:
    ///   - name: what messages call it.
    ///   - capacity: bytes to gather before writing.
    ///   - mayLoseReader: a pipe without reader is `ReaderGone`; otherwise it is a failure.
    init(descriptor: Int32, name: String, capacity: Int = 256 * 1024, mayLoseReader: Bool = false) {
        self.mayLoseReader = mayLoseReader
        self.descriptor = descriptor
        self.name = name
        self.capacity = capacity
        buffer.reserveCapacity(capacity + 4096)
    }

    /// - Throws: `Failure` with exit code 74, `ReaderGone`.
    func write(_ bytes: [UInt8]) throws {
        buffer.append(contentsOf: bytes)
        if buffer.count >= capacity { try flush() }
    }

    /// - Throws: `Failure` with exit code 74, `ReaderGone`.
    func write(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= capacity { try flush() }
    }

    /// The text and a line feed.
    func writeLine(_ text: String) throws {
        buffer.append(contentsOf: text.utf8)
        try write([UInt8(ascii: "\n")])
    }

    /// Hands all gathered bytes to the system.
    /// - Throws: `Failure` with exit code 74, `ReaderGone`; the gathered bytes are given up then.
    func flush() throws {
        let error = buffer.withUnsafeBytes { raw -> Int32 in
            var written = 0
            while written < raw.count {
                let count = Glibc.write(descriptor, raw.baseAddress! + written, raw.count - written)
                if count >= 0 { written += count } else if errno != EINTR { return errno }
            }
            return 0
        }
        buffer.removeAll(keepingCapacity: true)
        if error == EPIPE, mayLoseReader { throw ReaderGone() }
        if error != 0 {
            let reason = String(cString: strerror(error))
            throw Failure(.inputOutput, "cannot write: \(name): \(reason): make room or write elsewhere")
        }
    }
}
