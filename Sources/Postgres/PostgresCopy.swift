import CPostgres

/// Rows to bring into a table by one binary `COPY`, given as columns; in many rows much cheaper than an `INSERT`.
public struct PostgresCopy {
    /// What a column holds in the table.
    public enum Column: Sendable {
        case uuid
        case bigint
        case integer
        case smallint
        case bytea
        case text

        /// What an array of its values is made of: numbers of any width are given as 64 bits.
        public var element: PostgresType {
            switch self {
            case .uuid: .uuid
            case .bigint, .integer, .smallint: .int8
            case .bytea: .bytea
            case .text: .text
            }
        }

        /// Bytes of a value; `nil` when they vary.
        fileprivate var width: Int? {
            switch self {
            case .uuid: 16
            case .bigint: 8
            case .integer: 4
            case .smallint: 2
            case .bytea, .text: nil
            }
        }
    }

    let sql: String
    private let columns: [Column]
    private let arrays: [PostgresArray]

    /// - Parameters:
    ///   - table: its name and those of its columns, as SQL.
    ///   - arrays: a value for each row, all of the same count, of the columns' `element`s; they must stay as they are until
    ///     the rows were sent.
    public init(into table: String, _ columns: [Column], _ arrays: [PostgresArray]) {
        sql = "COPY \(table) FROM STDIN (FORMAT binary)"
        self.columns = columns
        self.arrays = arrays
    }

    private static let chunk = 65_536

    /// A column's values, of which the next row's comes next.
    private struct Source {
        var place: UnsafeRawPointer
        /// Bytes of a value; 0 when they vary.
        let width: Int
    }

    /// Gives the rows to `put` in the form of a binary COPY, in pieces of about 64 KiB.
    func send(_ put: (UnsafeRawBufferPointer) throws(PostgresError) -> Void) throws(PostgresError) {
        // Through pointers: counting references for every value would cost as much as all the rest.
        var sources = zip(columns, arrays).map {
            Source(place: UnsafeRawPointer($1.bytes + PostgresArray.header), width: $0.width ?? 0)
        }
        let count = UInt16(sources.count)
        var piece = CopyPiece(capacity: Self.chunk * 2)
        defer { piece.free() }
        piece.add(PostgresCopyWriter.signature)
        for _ in 0..<(arrays.first?.count ?? 0) {
            piece.add(count)
            for index in sources.indices { Self.append(&sources[index], to: &piece) }
            if piece.length >= Self.chunk {
                try put(piece.bytes)
                piece.length = 0
            }
        }
        piece.add(UInt16.max)
        try put(piece.bytes)
        withExtendedLifetime(arrays) {}
    }

    /// Appends the next value of a column, and moves on to the next row's.
    @inline(__always)
    private static func append(_ source: inout Source, to piece: inout CopyPiece) {
        let length = UInt32(bigEndian: source.place.loadUnaligned(as: UInt32.self))
        let value = source.place + 4
        guard length != .max else {
            piece.add(UInt32.max)
            source.place = value
            return
        }
        source.place = value + Int(length)
        let width = source.width == 0 ? Int(length) : source.width
        piece.add(UInt32(width))
        // Numbers have their most significant byte first: a narrower one is the end of it.
        piece.add(source.place - width, count: width)
    }
}

/// Bytes to be sent, written through pointers.
private struct CopyPiece {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    var length = 0

    init(capacity: Int) {
        self.capacity = capacity
        start = .allocate(byteCount: capacity, alignment: 8)
    }

    func free() { start.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: length) }

    @inline(__always)
    mutating func add<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value) {
        reserve(MemoryLayout<Value>.size)
        start.storeBytes(of: value.bigEndian, toByteOffset: length, as: Value.self)
        length += MemoryLayout<Value>.size
    }

    @inline(__always)
    mutating func add(_ bytes: UnsafeRawPointer, count: Int) {
        reserve(count)
        (start + length).copyMemory(from: bytes, byteCount: count)
        length += count
    }

    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { if let base = $0.baseAddress { add(base, count: $0.count) } }
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) { if length + more > capacity { grow(length + more) } }

    private mutating func grow(_ needed: Int) {
        while capacity < needed { capacity *= 2 }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: start, byteCount: length)
        start.deallocate()
        start = larger
    }
}
