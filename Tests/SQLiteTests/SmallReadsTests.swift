import Glibc
import SQLite
import Testing

/// What is asked of the disk. The reading of all tests of this process is replaced; what they find stays the same.
@Suite(.serialized) struct SmallReadsTests {
    private static let rows = 2_000

    /// A database of about 8 MB on the disk, of which nothing is in memory.
    private func withColdDatabase(_ body: (_ path: String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            let connection = try Connection(path)
            try connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, bytes BLOB)")
            try connection.transaction {
                let insert = try connection.prepare("INSERT INTO t VALUES (?, randomblob(4000))")
                for id in 1...Self.rows {
                    try insert.bind(Int64(id), at: 1)
                    try insert.run()
                }
            }
            try Pages.forget(path)
            try body(path)
        }
    }

    @Test(.enabled(if: Pages.canBeForgotten, "this file system keeps everything in memory"))
    func oneReadBringsOnePieceAndNoMore() throws {
        #expect(SmallReads.begin())
        try withColdDatabase { path in
            // What it says of itself is on the first page.
            _ = try Connection(path).queryInt64("PRAGMA schema_version")
            let found = try Pages.inMemory(path)
            let piece = SmallReads.pieceBytes / Pages.bytes
            #expect(found.count > 10 * piece)
            #expect(found.prefix(piece).allSatisfy { $0 })
            #expect(!found.dropFirst(piece).contains(true))
        }
    }

    @Test(.enabled(if: Pages.canBeForgotten, "this file system keeps everything in memory"))
    func aFileReadToItsEndIsReadWhollyAndRightly() throws {
        #expect(SmallReads.begin())
        try withColdDatabase { path in
            let sum = "SELECT sum(length(bytes)) + count(DISTINCT bytes) FROM t"
            let found = try Connection(path).queryInt64(sum)
            #expect(found == Int64(Self.rows * 4_001))
        }
    }
}

/// Which pages of files the system has in memory.
private enum Pages {
    static let bytes = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Whether what a file holds can be put out of memory here.
    static let canBeForgotten: Bool = {
        let isForgotten = try? withTemporaryDirectory { directory in
            let path = "\(directory)/file"
            try Connection(path).execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            try forget(path)
            return try !inMemory(path).contains(true)
        }
        return isForgotten ?? false
    }()

    static func forget(_ path: String) throws {
        try withDescriptor(path) { descriptor in
            guard fsync(descriptor) == 0 else { throw Failure(errno: errno) }
            let code = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
            guard code == 0 else { throw Failure(errno: code) }
        }
    }

    static func inMemory(_ path: String) throws -> [Bool] {
        try withDescriptor(path) { descriptor in
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_size > 0 else { throw Failure(errno: errno) }
            let size = Int(status.st_size)
            guard let place = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), place != MAP_FAILED else {
                throw Failure(errno: errno)
            }
            defer { munmap(place, size) }
            var found = [UInt8](repeating: 0, count: (size + bytes - 1) / bytes)
            guard mincore(place, size, &found) == 0 else { throw Failure(errno: errno) }
            return found.map { $0 & 1 == 1 }
        }
    }

    private static func withDescriptor<Result>(_ path: String, _ body: (Int32) throws -> Result) throws -> Result {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        defer { close(descriptor) }
        return try body(descriptor)
    }
}
