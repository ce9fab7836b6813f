/// One complete build of a view, or one that is on its way to be that.
public struct Generation: Sendable, Equatable {
    public enum State: String, Sendable {
        /// Readers and projectors use it.
        case active
        /// Was active, or is complete and never was.
        case previous
        /// Not complete yet: `parley replay` goes on with it.
        case building
        /// Complete, and not the same as the active one was: waits for `--accept`.
        case differs
        /// Cannot be read.
        case damaged
    }

    /// Counts from 1.
    public var number: Int64
    public var state: State
    /// On the disk.
    public var bytes: Int64

    public init(number: Int64, state: State, bytes: Int64) {
        self.number = number
        self.state = state
        self.bytes = bytes
    }
}
