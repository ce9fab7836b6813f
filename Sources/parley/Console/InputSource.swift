import Arguments
import Glibc
import MessagingService

/// The bytes of a file or of standard input, as a pipeline wants them; a signal to stop is the end of it.
///
/// Used by one thread at a time.
final class InputSource: @unchecked Sendable {
    private static let pieceBytes = 1 << 20
    /// What standard input may hold when it has to be read twice.
    private static let heldBytes = 1 << 30

    /// As the user gave it.
    let name: String
    /// Of a regular file; `nil` when the end is not known.
    let size: Int?
    private let descriptor: Int32
    private let stop: StopSignal
    /// Readable, as a pipe that was closed is, once a signal came.
    private let wakeup: Int32
    /// The whole input, when it cannot be read again otherwise.
    private var held: [UInt8]?
    private var place = 0

    /// - Throws: `Failure`.
    init(_ path: String, stop: StopSignal) throws {
        name = path
        descriptor = try InputFile.open(path)
        var status = stat()
        fstat(descriptor, &status)
        size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw Failure(.inputOutput, "no pipe: \(String(cString: strerror(errno))): raise the limit of open files")
        }
        wakeup = ends[0]
        self.stop = stop
        let waker = ends[1]
        // Closing one end makes the other readable for good.
        stop.whenRaised { close(waker) }
    }

    /// Prepares for a second reading from the start: holds in memory what cannot be rewound.
    func holdForSecondReading() throws {
        guard size == nil else { return }
        var all: [UInt8] = []
        while true {
            let input = try read(into: &all)
            if input == .end || input == .stopped { break }
            if all.count > Self.heldBytes {
                throw Failure(.badInput, "too large: \(name): --strict holds at most 1 GiB of it: give a file")
            }
        }
        held = all
    }

    /// Goes back to the start.
    func rewind() throws {
        place = 0
        if held == nil, lseek(descriptor, 0, SEEK_SET) != 0 {
            throw Failure(.inputOutput, "cannot read again: \(name): \(String(cString: strerror(errno)))")
        }
    }

    /// Appends the next bytes.
    func next(_ bytes: inout [UInt8]) throws -> AppendPipeline.Input {
        guard let held else { return try read(into: &bytes) }
        if stop.isRaised { return .stopped }
        let end = min(held.count, place + Self.pieceBytes)
        bytes.append(contentsOf: held[place..<end])
        place = end
        return end == held.count ? .end : .more
    }

    private func read(into bytes: inout [UInt8]) throws -> AppendPipeline.Input {
        if size == nil { try waitForInput() }
        if stop.isRaised { return .stopped }
        let count = try InputFile.append(to: &bytes, from: descriptor, name: name, atMost: Self.pieceBytes)
        if count == 0 { return .end }
        return size != nil || isReady(timeoutMillis: 0) ? .more : .pause
    }

    private func waitForInput() throws {
        while !stop.isRaised, !isReady(timeoutMillis: -1) {}
    }

    /// Whether a read would not wait; also true when a signal came.
    private func isReady(timeoutMillis: Int32) -> Bool {
        var waits = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&waits, 2, timeoutMillis) > 0
    }
}
