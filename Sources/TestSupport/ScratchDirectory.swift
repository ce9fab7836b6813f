import Glibc

/// A directory of its own for a test whose parts are several functions; removed with everything in it when released.
public final class ScratchDirectory: Sendable {
    public let path: String

    /// - Throws: `TestFailure`.
    public init() throws {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/parley-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw TestFailure("cannot make \(parent)/parley-test-XXXXXX: errno \(errno)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { removeTree(path) }
}
