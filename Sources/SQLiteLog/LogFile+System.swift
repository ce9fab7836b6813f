import EventLog
import Glibc

extension LogFile {
    /// Bytes of a file; `nil` when it is not there.
    func size(of path: String) throws -> Int? {
        var status = stat()
        if stat(path, &status) == 0 { return Int(status.st_size) }
        guard errno == ENOENT else { throw LogError(system: "look at \(path)", errno) }
        return nil
    }

    /// Makes the directory with those above it.
    func makeDirectory() throws {
        var status = stat()
        if stat(directory, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw LogError(.cannotOpen, "\(directory) is not a directory; name a directory for the log")
            }
            return
        }
        var path = ""
        for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
            path += part
            defer { path += "/" }
            if part.isEmpty || part == "." || part == ".." { continue }
            if mkdir(path, 0o777) == 0 {
                try syncDirectory(LogFile.parent(of: path))
            } else if errno != EEXIST {
                throw LogError(system: "make the directory \(path)", errno)
            }
        }
    }

    /// Makes new names in a directory durable.
    func syncDirectory(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw LogError(system: "open the directory \(path)", errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw LogError(system: "sync the directory \(path)", errno) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
