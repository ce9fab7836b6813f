import CFaultyDisk
import Glibc

/// Makes a directory; those above it must exist.
public func makeDirectory(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 else { throw TestFailure("cannot make \(path): errno \(errno)") }
}

/// Runs `body` as somebody who may read but not write the directory and what is in it.
///
/// Root may write everything, so for root the calling thread acts as somebody else towards files meanwhile: `body` must
/// stay on it.
public func withoutWritePermission(_ directory: String, _ body: () throws -> Void) throws {
    guard chmod(directory, 0o555) == 0 else { throw TestFailure("cannot change \(directory): errno \(errno)") }
    let nobody: UInt32 = 65_534
    let isRoot = geteuid() == 0
    if isRoot { faulty_disk_act_as(nobody) }
    defer {
        if isRoot { faulty_disk_act_as(0) }
        chmod(directory, 0o755)
    }
    try body()
}
