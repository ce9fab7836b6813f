import CLinux
import Glibc

/// Has the disk take what was written to a file, a little at a time.
///
/// What is written stays in memory until somebody syncs, or for half a minute, and then goes to the disk at once. Every sync of
/// every other file of the file system may have to wait for that, those of live appends too.
enum WriteOut {
    private static let stepBytes = 256 << 10
    private static let bytesPerSecond = 32.0 * 1_048_576
    /// A step that took less wrote nothing.
    private static let idleSeconds = 50e-6

    /// Blocks until everything written before was handed to the disk: at most 32 MiB a second, and at most half of the time
    /// that the disk has. It is durable after a sync only.
    /// - Returns: `false` when the disk does not take it.
    static func run(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        for place in stride(from: 0, to: Int(status.st_size), by: stepBytes) {
            let began = ContinuousClock.now
            guard parley_write_out(descriptor, Int64(place), Int64(stepBytes)) == 0 else { return false }
            let took = ContinuousClock.now - began
            let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
            guard seconds > idleSeconds else { continue }
            usleep(UInt32(max(seconds, Double(stepBytes) / bytesPerSecond - seconds) * 1e6))
        }
        return true
    }
}
