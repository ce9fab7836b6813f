public import Messaging
import Synchronization

/// Makes command ids for requests that bring none: UUIDs of version 7, each greater than the one before, also when the
/// clock stands still or is set back (RFC 9562 section 6.2, method 2).
///
/// Any thread may ask.
public final class CommandIDMint: Sendable {
    private struct State {
        var milliseconds: UInt64 = 0
        /// The 74 bits behind the time, in the place `Identifier.version7` takes them from.
        var high: UInt64 = 0
        var low: UInt64 = 0
        var random = SystemRandomNumberGenerator()
    }

    private static let highMask: UInt64 = 0xfff
    private static let lowMask: UInt64 = 0x3fff_ffff_ffff_ffff
    private let state = Mutex(State())

    public init() {}

    /// - Parameter nowMicros: microseconds since 1970.
    public func mint(nowMicros: Int64) -> CommandID {
        state.withLock { state in
            let now = UInt64(max(0, nowMicros)) / 1000
            if now > state.milliseconds {
                state.milliseconds = now
                // The uppermost bit is left free, so that counting on does not overflow.
                state.high = state.random.next() & (Self.highMask >> 1)
                state.low = state.random.next() & Self.lowMask
            } else {
                Self.step(&state)
            }
            return CommandID(
                .version7(
                    milliseconds: state.milliseconds, random: Identifier(high: state.high, low: state.low)))
        }
    }

    /// Goes on by a random step, so that ids of one millisecond cannot be guessed from each other.
    private static func step(_ state: inout State) {
        state.low += 1 + state.random.next() & 0xffff_ffff
        guard state.low > lowMask else { return }
        state.low &= lowMask
        state.high += 1
        guard state.high > highMask else { return }
        state.high = 0
        state.milliseconds += 1
    }
}
