import CPostgres

/// Writes rows of a `COPY ... FROM STDIN (FORMAT binary)`.
public struct PostgresCopyWriter {
    private let handle: OpaquePointer
    private var buffer: [UInt8] = []

    static let signature: [UInt8] =
        Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00] + [0, 0, 0, 0, 0, 0, 0, 0]
    private static let chunk = 65_536

    init(_ handle: OpaquePointer) {
        self.handle = handle
        buffer.reserveCapacity(Self.chunk * 2)
        buffer += Self.signature
    }

    /// Begins a row.
    public mutating func row(columns: Int) throws(PostgresError) {
        if buffer.count >= Self.chunk { try send() }
        add(UInt16(columns))
    }

    public mutating func add(_ value: Int64?) {
        guard let value else { return addNull() }
        add(UInt32(8))
        add(UInt64(bitPattern: value))
    }

    public mutating func add(small value: Int64?) {
        guard let value else { return addNull() }
        add(UInt32(2))
        add(UInt16(truncatingIfNeeded: value))
    }

    public mutating func add(int value: Int64?) {
        guard let value else { return addNull() }
        add(UInt32(4))
        add(UInt32(truncatingIfNeeded: value))
    }

    public mutating func add(_ value: [UInt8]?) {
        guard let value else { return addNull() }
        add(UInt32(value.count))
        buffer += value
    }

    public mutating func addNull() { add(UInt32.max) }

    mutating func finish() throws(PostgresError) {
        add(UInt16.max)
        try send()
    }

    private mutating func add(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { buffer += $0 }
    }

    private mutating func send() throws(PostgresError) {
        try PostgresConnection.put(buffer, to: handle)
        buffer.removeAll(keepingCapacity: true)
    }
}

extension PostgresConnection {
    /// Runs a binary COPY into a table, the fastest way to bring in rows.
    /// - Parameter sql: such as `COPY t (a, b) FROM STDIN (FORMAT binary)`.
    /// - Returns: how many rows were copied.
    @discardableResult
    public func copyIn(
        _ sql: String, _ body: (inout PostgresCopyWriter) throws -> Void
    ) throws -> Int {
        try copy(in: sql) {
            var writer = PostgresCopyWriter(handle)
            try body(&writer)
            try writer.finish()
        }.affected
    }

    /// Brings in rows; outside of a transaction as one of its own.
    /// - Returns: no rows, but how many there were.
    func copyIn(_ copy: PostgresCopy) throws(PostgresError) -> PostgresRows {
        var failure: PostgresError?
        do {
            return try self.copy(in: copy.sql) {
                try copy.send { (piece) throws(PostgresError) in try Self.put(piece, to: handle) }
            }
        } catch let error as PostgresError { failure = error } catch {
            preconditionFailure("a COPY of columns throws nothing else: \(error)")
        }
        throw failure ?? lost()
    }

    private func copy(in sql: String, _ body: () throws -> Void) throws -> PostgresRows {
        PQexitPipelineMode(handle)
        PQsetnonblocking(handle, 0)
        defer {
            PQsetnonblocking(handle, 1)
            PQenterPipelineMode(handle)
        }
        guard let begun = PQexec(handle, sql) else { throw lost() }
        defer { PQclear(begun) }
        guard PQresultStatus(begun) == PGRES_COPY_IN else { throw error(of: begun) }
        do { try body() } catch {
            PQputCopyEnd(handle, "the writer failed")
            while let result = PQgetResult(handle) { PQclear(result) }
            throw error
        }
        guard PQputCopyEnd(handle, nil) == 1, let ended = PQgetResult(handle) else { throw lost() }
        while let result = PQgetResult(handle) { PQclear(result) }
        guard PQresultStatus(ended) == PGRES_COMMAND_OK else {
            defer { PQclear(ended) }
            throw error(of: ended)
        }
        return PostgresRows(ended)
    }

    static func put(_ bytes: [UInt8], to handle: OpaquePointer) throws(PostgresError) {
        let failure = bytes.withUnsafeBytes { raw in
            do throws(PostgresError) {
                try put(raw, to: handle)
                return PostgresError?.none
            } catch { return error }
        }
        if let failure { throw failure }
    }

    static func put(_ bytes: UnsafeRawBufferPointer, to handle: OpaquePointer) throws(PostgresError) {
        let code = PQputCopyData(handle, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
        guard code == 1 else {
            throw PostgresError(.connectionLost, "rows could not be copied: \(String(cString: PQerrorMessage(handle)))")
        }
    }

    /// Runs a COPY into a table of what ``copyOut(_:_:)`` gave.
    @discardableResult
    public func copyIn(_ sql: String, chunks: [[UInt8]]) throws -> Int {
        try copy(in: sql) {
            for chunk in chunks { try Self.put(chunk, to: handle) }
        }.affected
    }

    /// Runs a COPY to standard output and gives it chunk by chunk, a row each.
    /// - Parameter sql: such as `COPY t TO STDOUT (FORMAT binary)`.
    public func copyOut(_ sql: String, _ body: ([UInt8]) throws -> Void) throws {
        PQexitPipelineMode(handle)
        PQsetnonblocking(handle, 0)
        defer {
            PQsetnonblocking(handle, 1)
            PQenterPipelineMode(handle)
        }
        guard let begun = PQexec(handle, sql) else { throw lost() }
        defer { PQclear(begun) }
        guard PQresultStatus(begun) == PGRES_COPY_OUT else { throw error(of: begun) }
        var failure: (any Error)?
        var buffer: UnsafeMutablePointer<CChar>?
        while true {
            let count = PQgetCopyData(handle, &buffer, 0)
            guard count > 0, let bytes = buffer else { break }
            defer { PQfreemem(bytes) }
            guard failure == nil else { continue }
            do { try body(Array(UnsafeRawBufferPointer(start: bytes, count: Int(count)))) } catch { failure = error }
        }
        guard let ended = PQgetResult(handle) else { throw lost() }
        defer { PQclear(ended) }
        while let result = PQgetResult(handle) { PQclear(result) }
        guard PQresultStatus(ended) == PGRES_COMMAND_OK else { throw error(of: ended) }
        if let failure { throw failure }
    }
}
