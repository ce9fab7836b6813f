import CPostgres

/// The rows a statement gave, in binary, all in memory.
///
/// Columns are read by what they must be; a value of another size is an error of type `malformed`, never a guess.
/// Threads: any, but one at a time.
public final class PostgresRows {
    private let result: OpaquePointer
    public let count: Int

    /// - Parameter result: is cleared with the object.
    init(_ result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    /// Rows an INSERT, UPDATE or DELETE touched.
    public var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    public func isNull(_ row: Int, _ column: Int) -> Bool { PQgetisnull(result, Int32(row), Int32(column)) != 0 }

    /// A boolean, or an integer of any width.
    public func int64(_ row: Int, _ column: Int) throws(PostgresError) -> Int64 {
        let value = UnsafeRawPointer(PQgetvalue(result, Int32(row), Int32(column))!)
        switch PQgetlength(result, Int32(row), Int32(column)) {
        case 8: return Int64(bigEndian: value.loadUnaligned(as: Int64.self))
        case 4: return Int64(Int32(bigEndian: value.loadUnaligned(as: Int32.self)))
        case 2: return Int64(Int16(bigEndian: value.loadUnaligned(as: Int16.self)))
        case 1: return Int64(value.load(as: UInt8.self))
        default: throw malformed(column, "a number")
        }
    }

    public func optionalInt64(_ row: Int, _ column: Int) throws(PostgresError) -> Int64? {
        isNull(row, column) ? nil : try int64(row, column)
    }

    public func bool(_ row: Int, _ column: Int) throws(PostgresError) -> Bool { try int64(row, column) != 0 }

    /// 16 bytes as two numbers, the most significant byte first.
    public func identifier(_ row: Int, _ column: Int) throws(PostgresError) -> (high: UInt64, low: UInt64) {
        guard PQgetlength(result, Int32(row), Int32(column)) == 16 else { throw malformed(column, "an identifier") }
        let value = UnsafeRawPointer(PQgetvalue(result, Int32(row), Int32(column))!)
        return (
            UInt64(bigEndian: value.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: value.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    /// The bytes, good for as long as these rows are kept; empty when null.
    public func borrowed(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, Int32(row), Int32(column)),
            count: Int(PQgetlength(result, Int32(row), Int32(column))))
    }

    public func bytes(_ row: Int, _ column: Int) -> [UInt8] { Array(borrowed(row, column)) }

    public func optionalBytes(_ row: Int, _ column: Int) -> [UInt8]? {
        isNull(row, column) ? nil : bytes(row, column)
    }

    public func text(_ row: Int, _ column: Int) -> String { String(decoding: borrowed(row, column), as: UTF8.self) }

    private func malformed(_ column: Int, _ what: String) -> PostgresError {
        PostgresError(
            .malformed, "column \(column) (\(String(cString: PQfname(result, Int32(column))))) is not \(what)")
    }
}
