import Glibc
import Projection

/// The generations of a view kept in SQLite: complete builds side by side, of which one is active.
///
/// `FILE` is generation 1 and `FILE.gN` generation N; `FILE.active` holds the number of the active one, and there is no
/// such file as long as that is 1. It changes by one atomic rename. Readers look at it before every read and reopen;
/// a projector looks at it in every write transaction, and whoever changes it holds the write lock of the generation that
/// was active: so nothing is committed there afterwards.
/// Threads: any; calls block on the disk.
public struct SQLiteGenerations: Sendable {
    /// The file of generation 1.
    public let path: String

    public init(_ path: String) { self.path = path }

    /// The file of a generation.
    public func file(of generation: Int64) -> String { generation == 1 ? path : "\(path).g\(generation)" }

    /// Files that belong to a generation beside its database; a directory may be among them.
    public func sideFiles(of generation: Int64) -> [String] {
        ["-wal", "-shm", "-journal", ".work"].map { file(of: generation) + $0 }
    }

    private var pointer: String { path + ".active" }
    /// A database of one connection alone: in memory, or (without a name) in a file that goes with the connection.
    private var isInMemory: Bool { path == ":memory:" || path.isEmpty }

    /// The generation that readers and projectors use; a few microseconds.
    /// - Throws: `ProjectionError` when the file that names it cannot be read or names none.
    public func active() throws -> Int64 {
        if isInMemory { return 1 }
        let descriptor = open(pointer, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return 1 }
            throw failure("cannot be read", pointer)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        guard let number = Int64(text.prefix { $0 != "\n" }), number >= 1 else {
            throw ProjectionError(
                .corrupt,
                "\(pointer) does not name a generation: write the number of the active one into it (`ls \(path)*` shows which "
                    + "there are)")
        }
        return number
    }

    /// Every generation that has a file, in order.
    public func all() throws -> [Int64] {
        if isInMemory { return [1] }
        var found: [Int64] = access(path, F_OK) == 0 ? [1] : []
        let (directory, name) = split
        guard let stream = opendir(directory) else { throw failure("cannot be listed", directory) }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let file = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard file.hasPrefix(name + ".g"), let number = Int64(file.dropFirst(name.count + 2)), number > 1 else {
                continue
            }
            found.append(number)
        }
        return found.sorted()
    }

    /// Bytes of a generation on the disk, with its side files.
    public func bytes(of generation: Int64) -> Int64 {
        ([file(of: generation)] + sideFiles(of: generation)).reduce(0) { $0 + Self.bytes($1) }
    }

    /// Bytes that the file system of the view still takes.
    public func freeBytes() -> Int64 {
        var system = statvfs()
        guard statvfs(split.directory, &system) == 0 else { return 0 }
        return Int64(system.f_bavail) * Int64(system.f_frsize)
    }

    /// Makes a generation the active one: durable, and seen by others, as a whole or not at all.
    /// - Precondition: the caller holds the write lock of the one that is active.
    public func activate(_ generation: Int64) throws {
        let partial = "\(pointer).partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("cannot be made", partial) }
        let text = Array("\(generation)\n".utf8)
        let isWritten = write(descriptor, text, text.count) == text.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(partial, pointer) == 0 else { throw failure("cannot be written", pointer) }
        try sync()
    }

    /// Removes a generation's files.
    /// - Precondition: it is not the active one.
    public func remove(_ generation: Int64) throws {
        for path in sideFiles(of: generation) + [file(of: generation)] { try Self.remove(path) }
        try sync()
    }

    /// The lock that whoever builds, swaps or removes generations holds; given up when the process ends.
    /// - Returns: `nil` when another process has it.
    public func lock() throws -> FileLock? { try FileLock.take("\(path).replay") }

    private func sync() throws {
        let descriptor = open(split.directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened", split.directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("cannot be synced", split.directory) }
    }

    /// Where the files are.
    public var directory: String { split.directory }

    private var split: (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private func failure(_ what: String, _ file: String) -> ProjectionError {
        let reason = String(cString: strerror(errno))
        return ProjectionError(
            errno == EACCES || errno == EROFS ? .readOnly : errno == ENOSPC ? .full : .inputOutput,
            "\(file) \(what): \(reason): check the directory", isRetriable: errno == ENOSPC)
    }
}

/// A lock of a file that ends with the process.
public final class FileLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    static func take(_ path: String) throws -> FileLock? {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw ProjectionError(
                .cannotOpen, "\(path) cannot be made: \(String(cString: strerror(errno))): check the directory")
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return FileLock(descriptor) }
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw ProjectionError(.inputOutput, "\(path) cannot be locked: \(String(cString: strerror(code)))")
    }
}

extension SQLiteGenerations {
    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Of a file, or of the files of a directory.
    private static func bytes(_ path: String) -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else { return 0 }
        guard status.st_mode & S_IFMT == S_IFDIR else { return Int64(status.st_blocks) * 512 }
        return names(in: path).reduce(0) { $0 + bytes("\(path)/\($1)") }
    }

    /// Removes a file, or a directory of files.
    static func remove(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        if isDirectory { for name in names(in: path) { try remove("\(path)/\(name)") } }
        let descriptor = isDirectory ? -1 : open(path, O_RDWR | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard (isDirectory ? rmdir(path) : unlink(path)) == 0 || errno == ENOENT else {
            throw ProjectionError(
                .inputOutput, "\(path) cannot be removed: \(String(cString: strerror(errno))): check the directory")
        }
        if descriptor >= 0 { giveBack(descriptor, Int(status.st_size)) }
    }

    /// Gives the space of a file that has no name any more back to the disk, a little at a time: everybody's syncs wait for
    /// what is freed at once. Whatever ends the process frees the rest.
    private static func giveBack(_ descriptor: Int32, _ bytes: Int) {
        let step = 8 << 20
        for size in stride(from: bytes - step, to: 0, by: -step) {
            guard ftruncate(descriptor, off_t(size)) == 0 else { return }
            usleep(20_000)
        }
    }
}
