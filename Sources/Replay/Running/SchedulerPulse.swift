import CLinux
import EventLog
import Glibc

/// Has Linux choose anew, several times between two of its ticks, which thread runs on the processors that a rebuild uses.
///
/// A fair scheduler (EEVDF) passes over a thread that has had more than its share, be it by a microsecond. A live thread whose
/// turn another live one cut short may so be passed over for one of the lowest priority, and nothing looks again before the next
/// tick: 4 ms later with 250 Hz. Whenever another thread of that processor goes to sleep the choice is made again; by then the
/// rebuild has had more than the little that is its share. So here a thread for each processor wakes up, and goes to sleep.
public enum SchedulerPulse {
    /// Processors beyond which a live thread finds one without a rebuild on it.
    static let mostProcessors = 4
    private static let intervalMicros: UInt32 = 1_000
    /// Shorter than anybody's, so that it is let in at once.
    private static let turnNanos: UInt64 = 100_000

    /// Begins on the processors that the calling thread may use, at its priority: call it before that is lowered. A pulse takes
    /// some 20 microseconds on a virtual machine, so each processor gives a fiftieth of itself.
    /// - Parameter shouldStop: asked by each thread at each pulse.
    /// - Returns: on how many processors; on none where there are more than four, or where the system does not tell.
    @discardableResult
    public static func begin(shouldStop: @escaping @Sendable () -> Bool = { false }) -> Int {
        let processors = StandingBack.processorNumbers
        guard processors.count <= mostProcessors else { return 0 }
        for processor in processors {
            _ = BackgroundThread {
                // Anywhere else it would be of no use.
                guard StandingBack.stay(on: processor) else { return }
                // An older system, which has no turns to set, lets a thread in that has slept.
                _ = parley_set_turn(turnNanos)
                while !shouldStop() { usleep(intervalMicros) }
            }
        }
        return processors.count
    }
}
