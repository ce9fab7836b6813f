import Glibc

/// Makes a directory under the system's place for temporary files, runs `body` with its path, and removes it with
/// everything in it.
public func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    let directory = try ScratchDirectory()
    return try withExtendedLifetime(directory) { try body(directory.path) }
}

/// Removes a file, or a directory with everything in it.
public func removeTree(_ path: String) {
    // Only a directory can be listed; a link to one is removed, not followed.
    if unlink(path) != 0 {
        for name in (try? filesIn(path)) ?? [] { removeTree("\(path)/\(name)") }
        rmdir(path)
    }
}

/// The names in a directory, sorted.
public func filesIn(_ path: String) throws -> [String] {
    guard let directory = opendir(path) else { throw TestFailure("cannot list \(path): errno \(errno)") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// What a check found wrong.
public struct TestFailure: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// Throws a ``TestFailure`` unless the condition holds.
public func require(_ condition: Bool, _ finding: @autoclosure () -> String) throws {
    if !condition { throw TestFailure(finding()) }
}
