import EventLog
import Glibc
import Projection
import SQLite

/// Loading into a file: a rollback journal, which new pages do not go through, and no syncing until the end.
extension ViewDatabase: BulkLoading {
    public func isLoading() throws -> Bool {
        try explaining {
            try connection.queryInt64("SELECT count(*) FROM sqlite_schema WHERE name = 'generation_bulk'") == 1
        }
    }

    public func beginLoading(_ note: [UInt8]) throws -> [UInt8]? {
        let begun = try isLoading() ? try begunNote() : nil
        try explaining {
            for pragma in ["journal_mode=TRUNCATE", "synchronous=OFF", "temp_store=FILE", "threads=2"] {
                try connection.execute("PRAGMA \(pragma)")
            }
        }
        if let begun { return begun }
        try write {
            try connection.execute(
                """
                CREATE TABLE generation_bulk (boot TEXT NOT NULL, note BLOB NOT NULL);
                CREATE TABLE generation_index (name TEXT PRIMARY KEY, definition TEXT NOT NULL);
                INSERT INTO generation_index
                    SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL
                """)
            let insert = try connection.prepare("INSERT INTO generation_bulk VALUES (?, ?)")
            try insert.bind(text: HostProcess.bootID, at: 1)
            try insert.bind(note, at: 2)
            try insert.run()
            for (name, _) in try droppedIndexes() { try connection.execute("DROP INDEX \"\(name)\"") }
        }
        return nil
    }

    private func begunNote() throws -> [UInt8] {
        let query = try connection.prepare("SELECT boot, note FROM generation_bulk")
        guard let found = try query.firstRow({ (boot: query.text(0), note: Array(query.blob(1))) }),
            found.boot == HostProcess.bootID
        else {
            throw ProjectionError(
                .corrupt,
                "generation \(generation) of the \(definition.projection.rawValue) view in \(path) was being loaded "
                    + "when the machine went down: what it holds is not known; it is begun anew")
        }
        return found.note
    }

    private func droppedIndexes() throws -> [(name: String, definition: String)] {
        let query = try connection.prepare("SELECT name, definition FROM generation_index ORDER BY name")
        var found: [(String, String)] = []
        try query.forEachRow { found.append((query.text(0), query.text(1))) }
        return found
    }

    public func makeIndexes(_ names: Set<String>?) throws {
        for index in try droppedIndexes() where names?.contains(index.name) ?? true {
            try write {
                try connection.execute(index.definition)
                let remove = try connection.prepare("DELETE FROM generation_index WHERE name = ?")
                try remove.bind(text: index.name, at: 1)
                try remove.run()
            }
        }
    }

    public func endLoading() throws {
        try makeIndexes(nil)
        try syncFile()
        try write {
            try connection.execute(
                """
                DROP TABLE generation_bulk;
                DROP TABLE generation_index;
                DELETE FROM position WHERE topic = \(Topic.legacyWrites.rawValue);
                DELETE FROM lease WHERE topic = \(Topic.legacyWrites.rawValue)
                """)
        }
        try syncFile()
        try explaining {
            for pragma in ["journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY", "threads=0"] {
                try connection.execute("PRAGMA \(pragma)")
            }
        }
    }

    public func writeOut() throws { try withDescriptor(WriteOut.run) }

    private func syncFile() throws { try withDescriptor { fsync($0) == 0 } }

    /// Runs `work`, which says whether it succeeded, between transactions.
    private func withDescriptor(_ work: (Int32) -> Bool) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw syncFailure() }
        let isDone = work(descriptor)
        // No lock of SQLite's is lost by closing: none is held between transactions.
        close(descriptor)
        guard isDone else { throw syncFailure() }
    }

    private func syncFailure() -> ProjectionError {
        ProjectionError(
            .inputOutput, "\(path) cannot be made durable: \(String(cString: strerror(errno))): check the disk")
    }
}
