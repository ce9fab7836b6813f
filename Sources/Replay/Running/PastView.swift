public import EventLog
import Glibc
public import Projection

/// A view as it was at a moment, built in files of its own: no projector knows of them, and nothing swaps them in.
public struct PastView {
    private let log: any EventLog
    private let projection: ProjectionName
    private let directory: String
    private let bounds: [TopicPartition: Int64]

    /// - Parameters:
    ///   - directory: where the files are made; made itself when it is not there.
    ///   - bounds: where each partition ended.
    public init(
        _ projection: ProjectionName, in directory: String, of log: any EventLog, until bounds: [TopicPartition: Int64]
    ) {
        self.projection = projection
        self.directory = directory
        self.bounds = bounds.filter { projection.topics.contains($0.key.topic) }
        self.log = BoundedLog(log, bounds: self.bounds)
    }

    /// The view's file, as a reader names it.
    public var path: String { "\(directory)/\(projection.rawValue).sqlite" }
    /// Says of which moment it is, so that an interrupted building goes on with the same one.
    private var note: String { "\(path).until" }

    /// Builds it, or goes on where an earlier call for the same moment was interrupted.
    /// - Throws: `ReplayError` with `invalid` when there is a view already; as `ViewReplay`.
    public func build(
        _ options: ReplayOptions = ReplayOptions(), observe: @escaping (ReplayProgress) -> Void = { _ in },
        complain: @escaping (String) -> Void = { _ in }, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws -> ReplayAnswer {
        let generations = SQLiteViewGenerations(projection, path: path)
        try settle()
        guard try generations.livePositions() == nil else {
            throw ReplayError(.invalid, "\(path): there is a view already: name another directory, or remove it")
        }
        var options = options
        options.purpose = .swap
        options.yieldAboveSeconds = nil
        let replay = ViewReplay(
            log: log, generations: generations, options: options, observe: observe, complain: complain,
            shouldStop: shouldStop)
        var answer = try replay.run { _ in }
        answer.outcome = .built
        return answer
    }

    /// Writes the note, or checks that it names this moment.
    private func settle() throws {
        if mkdir(directory, 0o777) != 0, errno != EEXIST { throw failure("cannot make", directory) }
        let text = Array(bounds.sorted { $0.key < $1.key }.map { "\(Position($0.key, $0.value))\n" }.joined().utf8)
        let descriptor = open(note, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("cannot make", note) }
        defer { close(descriptor) }
        var there = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &there, there.count)
        guard count >= 0 else { throw failure("cannot read", note) }
        if count == 0 {
            guard write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
                throw failure("cannot write", note)
            }
        } else if there[..<count] != text[...] {
            throw ReplayError(
                .invalid,
                "\(path): a view of another moment is there, or was begun: name another directory, or remove it")
        }
    }

    private func failure(_ work: String, _ path: String) -> ReplayError {
        let reason = String(cString: strerror(errno))
        return ReplayError(errno == ENOSPC ? .full : .invalid, "\(work): \(path): \(reason): name another directory")
    }
}
