import CSQLite
import Glibc
import Synchronization

/// Has this process read databases in small pieces, for the sake of others on the same disk.
///
/// A system that sees a file read in its order reads ahead, megabytes at a time. While a disk serves such a request, the sync of
/// somebody else's commit waits: for milliseconds where it would take less than one.
public enum SmallReads {
    /// What the disk is asked for at once.
    public static let pieceBytes = 64 << 10

    private typealias Read = @convention(c) (Int32, UnsafeMutableRawPointer?, Int, off_t) -> Int

    /// Where the function is that SQLite called before; 0 until then.
    private static let replaced = Atomic<UInt>(0)
    /// Descriptor and piece that were read last. Threads that read at the same time ask for a piece again, no more.
    private static let last = Atomic<Int64>(-1)

    /// From now on, on every connection of this process: before anything is read of a piece other than the last one, the disk is
    /// asked for all of that piece, so that the system finds what it needs and has no reason to read ahead by itself.
    ///
    /// Threads: call it while no other one uses SQLite.
    /// - Returns: `false` when this SQLite library lets nobody replace its reading; then nothing changes.
    @discardableResult
    public static func begin() -> Bool {
        guard replaced.load(ordering: .acquiring) == 0 else { return true }
        guard let layer = sqlite3_vfs_find(nil), let find = layer.pointee.xGetSystemCall,
            let replace = layer.pointee.xSetSystemCall
        else { return false }
        // A library is built to use one of them.
        let names: [String] = ["pread64", "pread"]
        guard let name = names.first(where: { find(layer, $0) != nil }), let known = find(layer, name) else {
            return false
        }
        replaced.store(unsafeBitCast(known, to: UInt.self), ordering: .releasing)
        let mine: Read = { SmallReads.read($0, $1, $2, $3) }
        guard replace(layer, name, unsafeBitCast(mine, to: sqlite3_syscall_ptr.self)) == SQLITE_OK else {
            replaced.store(0, ordering: .releasing)
            return false
        }
        return true
    }

    private static func read(
        _ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int, _ place: off_t
    ) -> Int {
        let original = unsafeBitCast(replaced.load(ordering: .acquiring), to: Read.self)
        let piece = place / pieceBytes
        let wanted = Int64(descriptor) << 44 | Int64(piece)
        let isElsewhere = last.exchange(wanted, ordering: .relaxed) != wanted
        // The number of a file that was closed comes again with another file, whose first piece comes first.
        if isElsewhere || piece == 0 {
            // Where this fails the read that follows says why.
            _ = posix_fadvise(descriptor, piece * pieceBytes, pieceBytes, POSIX_FADV_WILLNEED)
        }
        return original(descriptor, bytes, count, place)
    }
}
