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

    /// Gives the rows to `put` in the form of a binary COPY, in pieces of about 64 KiB.
    func send(_ put: ([UInt8]) throws(PostgresError) -> Void) throws(PostgresError) {
        var piece = PostgresCopyWriter.signature
        piece.reserveCapacity(Self.chunk * 2)
        var places = arrays.map { _ in PostgresArray.header }
        for _ in 0..<(arrays.first?.count ?? 0) {
            Self.append(UInt16(columns.count), to: &piece)
            for index in columns.indices { append(index, at: &places[index], to: &piece) }
            if piece.count >= Self.chunk {
                try put(piece)
                piece.removeAll(keepingCapacity: true)
            }
        }
        Self.append(UInt16.max, to: &piece)
        try put(piece)
    }

    /// Appends the value of a column that begins at `place` of its array, and moves on to the next row's.
    private func append(_ index: Int, at place: inout Int, to piece: inout [UInt8]) {
        let bytes = arrays[index].bytes
        let length = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        let value = place + 4
        guard length != .max else {
            piece.append(contentsOf: UnsafeRawBufferPointer(start: bytes + place, count: 4))
            place = value
            return
        }
        place = value + Int(length)
        let width = columns[index].width ?? Int(length)
        Self.append(UInt32(width), to: &piece)
        // Numbers have their most significant byte first: a narrower one is the end of it.
        piece.append(contentsOf: UnsafeRawBufferPointer(start: bytes + place - width, count: width))
    }

    private static func append(_ value: some FixedWidthInteger, to piece: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { piece.append(contentsOf: $0) }
    }
}
