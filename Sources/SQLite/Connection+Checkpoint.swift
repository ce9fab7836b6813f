import CSQLite

/// How many frames the write-ahead log held after the connection's last commit.
final class WalSize {
    var frames = 0
}

extension Connection {
    /// How a checkpoint treats others.
    public enum CheckpointMode: Sendable {
        /// Moves what it can without waiting for anybody.
        case passive
        /// Waits until no reader needs the write-ahead log, so that the next commit starts it anew.
        case restart
        /// As `restart`, and cuts the write-ahead log to nothing.
        case truncate
    }

    /// What a checkpoint has done.
    public struct CheckpointResult: Sendable, Equatable {
        /// Frames in the write-ahead log.
        public var walFrames: Int
        /// Frames of them that are in the database file now.
        public var movedFrames: Int
        /// Everything was moved.
        public var isComplete: Bool { walFrames == movedFrames }
    }

    /// From now on no commit of this connection checkpoints by itself: the owner watches ``walFrames`` and calls
    /// ``checkpoint(_:)``.
    ///
    /// SQLite ignores errors of the checkpoints it makes by itself, a failed sync among them; an owner that must know
    /// makes its own.
    public func takeOverCheckpoints() {
        let hook: @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            context, _, _, frames in
            if let context { Unmanaged<WalSize>.fromOpaque(context).takeUnretainedValue().frames = Int(frames) }
            return SQLITE_OK
        }
        sqlite3_wal_hook(handle, hook, Unmanaged.passUnretained(walSize).toOpaque())
    }

    /// Frames (pages) in the write-ahead log after this connection's last commit; needs ``takeOverCheckpoints()``.
    public var walFrames: Int { walSize.frames }

    /// Moves pages from the write-ahead log to the database file and syncs both.
    /// - Throws: `SQLiteError`; `isBusy` when another connection checkpoints or, except for `passive`, readers stay.
    public func checkpoint(_ mode: CheckpointMode) throws -> CheckpointResult {
        let flag =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        var frames: Int32 = 0
        var moved: Int32 = 0
        let code = sqlite3_wal_checkpoint_v2(handle, nil, flag, &frames, &moved)
        guard code == SQLITE_OK else { throw SQLiteError(code: code, database: handle, sql: "checkpoint of \(path)") }
        return CheckpointResult(walFrames: Int(frames), movedFrames: Int(moved))
    }
}
