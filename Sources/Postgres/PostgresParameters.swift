/// The parameters of one statement, in binary, in the order of `$1`, `$2`...
public struct PostgresParameters {
    enum Value {
        case null
        /// A stretch of `scalars`.
        case scalar(start: Int, count: Int)
        case array(PostgresArray)
    }

    private(set) var values: [Value] = []
    private(set) var types: [UInt32] = []
    private(set) var scalars: [UInt8] = []

    public init() {}

    public init(_ arrays: [PostgresArray]) {
        for array in arrays { add(array) }
    }

    public var count: Int { values.count }

    public mutating func add(_ value: Int64?) {
        guard let value else { return addNull(.int8) }
        add(bigEndian: UInt64(bitPattern: value))
        end(.int8, 8)
    }

    public mutating func add(high: UInt64, low: UInt64) {
        add(bigEndian: high)
        add(bigEndian: low)
        end(.uuid, 16)
    }

    public mutating func add(_ value: [UInt8]?) {
        guard let value else { return addNull(.bytea) }
        scalars += value
        end(.bytea, value.count)
    }

    public mutating func add(text value: String?) {
        guard let value else { return addNull(.text) }
        let before = scalars.count
        scalars += value.utf8
        end(.text, scalars.count - before)
    }

    public mutating func addNull(_ type: PostgresType) {
        values.append(.null)
        types.append(type.rawValue)
    }

    /// The array is not copied: it must stay as it is until the statement ran.
    public mutating func add(_ array: PostgresArray) {
        values.append(.array(array))
        types.append(array.type.array)
    }

    private mutating func add(bigEndian value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { scalars += $0 }
    }

    private mutating func end(_ type: PostgresType, _ count: Int) {
        values.append(.scalar(start: scalars.count - count, count: count))
        types.append(type.rawValue)
    }

    /// Gives libpq's three lists; the pointers are good for the call only.
    func withLists<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Result
    ) -> Result {
        // Never empty, so that there is an address even without parameters.
        var pointers: [UnsafePointer<CChar>?] = []
        var lengths: [Int32] = []
        pointers.reserveCapacity(values.count + 1)
        lengths.reserveCapacity(values.count + 1)
        return (scalars + [0]).withUnsafeBytes { bytes in
            let base = bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
            for value in values {
                switch value {
                case .null:
                    pointers.append(nil)
                    lengths.append(0)
                case .scalar(let start, let count):
                    pointers.append(base + start)
                    lengths.append(Int32(count))
                case .array(let array):
                    array.seal()
                    pointers.append(UnsafePointer(array.bytes.assumingMemoryBound(to: CChar.self)))
                    lengths.append(Int32(array.length))
                }
            }
            pointers.append(nil)
            lengths.append(0)
            let formats = [Int32](repeating: 1, count: values.count + 1)
            return body(pointers, lengths, formats)
        }
    }
}
