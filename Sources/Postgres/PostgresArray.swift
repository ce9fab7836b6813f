import Glibc

/// The types of parameters, by the numbers the server has for them.
public enum PostgresType: UInt32, Sendable {
    case bytea = 17
    case int8 = 20
    case text = 25
    case uuid = 2950

    /// The type of an array of these.
    var array: UInt32 {
        switch self {
        case .bytea: 1001
        case .int8: 1016
        case .text: 1009
        case .uuid: 2951
        }
    }
}

/// An array as a binary parameter, for `unnest`: one column of many rows in one parameter.
///
/// Filled once a batch and used again: what it once allocated it keeps. Threads: one at a time.
public final class PostgresArray {
    public let type: PostgresType
    public private(set) var count = 0
    private(set) var bytes: UnsafeMutableRawPointer
    private(set) var length: Int
    private var capacity: Int
    private var hasNulls = false

    /// Dimensions, null flag, element type, length, lower bound.
    static let header = 20

    public init(_ type: PostgresType) {
        self.type = type
        capacity = 4096
        bytes = .allocate(byteCount: capacity, alignment: 8)
        length = Self.header
    }

    deinit { bytes.deallocate() }

    public func removeAll() {
        count = 0
        length = Self.header
        hasNulls = false
    }

    public func append(_ value: Int64) {
        reserve(12)
        store(UInt32(8), at: length)
        store(UInt64(bitPattern: value), at: length + 4)
        length += 12
        count += 1
    }

    public func append(_ value: Int64?) { if let value { append(value) } else { appendNull() } }

    /// Appends 16 bytes, given as two numbers whose most significant byte comes first.
    public func append(high: UInt64, low: UInt64) {
        reserve(20)
        store(UInt32(16), at: length)
        store(high, at: length + 4)
        store(low, at: length + 12)
        length += 20
        count += 1
    }

    public func append(_ value: some Collection<UInt8>) {
        let size = value.count
        reserve(4 + size)
        store(UInt32(size), at: length)
        let place = UnsafeMutableRawBufferPointer(start: bytes + length + 4, count: size)
        place.copyBytes(from: value)
        length += 4 + size
        count += 1
    }

    public func append(_ value: [UInt8]?) { if let value { append(value) } else { appendNull() } }

    public func appendNull() {
        reserve(4)
        store(UInt32.max, at: length)
        length += 4
        count += 1
        hasNulls = true
    }

    /// Writes the header; call before `bytes` are sent.
    func seal() {
        store(UInt32(1), at: 0)
        store(UInt32(hasNulls ? 1 : 0), at: 4)
        store(type.rawValue, at: 8)
        store(UInt32(count), at: 12)
        store(UInt32(1), at: 16)
    }

    private func store(_ value: UInt32, at offset: Int) {
        bytes.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    private func store(_ value: UInt64, at offset: Int) {
        bytes.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
    }

    private func reserve(_ more: Int) {
        guard length + more > capacity else { return }
        while length + more > capacity { capacity *= 2 }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
        larger.copyMemory(from: bytes, byteCount: length)
        bytes.deallocate()
        bytes = larger
    }
}
