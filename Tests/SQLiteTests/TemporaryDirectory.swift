import Glibc

/// Makes a directory, runs `body` with its path, and removes the directory with the files in it.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/parley-sqlite-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(errno: errno) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
        for suffix in ["file", "file-wal", "file-shm", "file-journal"] { unlink("\(path)/\(suffix)") }
        rmdir(path)
    }
    return try body(path)
}

struct Failure: Error {
    var errno: Int32
}
