import CFaultyDisk
import Synchronization

/// A SQLite file layer whose disk fails when the test says so, and that remembers what was synced.
///
/// Open connections with ``vfs``. Faults hold for every file opened through this layer, and for no other.
public final class FaultyDisk: @unchecked Sendable {
    private static let number = Atomic<Int>(0)

    /// The name to open connections with.
    public let vfs: String
    private let disk: OpaquePointer

    public init() {
        vfs = "faulty-\(FaultyDisk.number.wrappingAdd(1, ordering: .relaxed).newValue)"
        guard let made = faulty_disk_register(vfs) else { preconditionFailure("cannot register the layer \(vfs)") }
        disk = made
    }

    /// Every sync fails while this is on.
    public func failSyncs(_ on: Bool) { faulty_disk_fail_syncs(disk, on ? 1 : 0) }

    /// Every write fails while this is on.
    public func failWrites(_ on: Bool) { faulty_disk_fail_writes(disk, on ? 1 : 0) }

    /// The disk takes so many bytes more; `nil` for no limit.
    public func setSpace(_ bytes: Int?) { faulty_disk_set_space(disk, Int64(bytes ?? -1)) }

    /// Bytes the disk still takes; negative for no limit.
    public var space: Int { Int(faulty_disk_space(disk)) }

    /// Every sync takes so much longer.
    public func slowSyncs(micros: Int) { faulty_disk_slow_syncs(disk, Int32(micros)) }

    /// How many syncs there were.
    public var syncs: Int { Int(faulty_disk_syncs(disk)) }

    /// Writes into a directory what a loss of power would leave now: each file as it was at its last sync.
    public func saveSynced(to directory: String) throws {
        let code = faulty_disk_save_synced(disk, directory)
        if code != 0 { throw TestFailure("cannot save what was synced to \(directory): errno \(code)") }
    }
}
