/// How far a reader must have come to see what a writer wrote: an offset for each partition that was written to.
///
/// Given out as one opaque word, it goes from the answer of a write to `atLeast` of a read. Positions only grow, so
/// merging two tokens asks for both.
public struct PositionToken: Hashable, Sendable {
    /// The next offset a view must have reached, for each partition it concerns.
    public private(set) var offsets: [TopicPartition: Int64] = [:]

    private static let version: UInt8 = 1

    public init() {}

    public init(_ offsets: [TopicPartition: Int64]) { self.offsets = offsets }

    /// Asks also for everything of the partition before this offset.
    public mutating func include(_ partition: TopicPartition, before offset: Int64) {
        if let known = offsets[partition], known >= offset { return }
        offsets[partition] = offset
    }

    /// Asks also for the record at this position.
    public mutating func include(_ position: Position) {
        include(position.partition, before: position.offset + 1)
    }

    /// Asks also for all that the other one asks for.
    public mutating func merge(_ other: PositionToken) {
        for (partition, offset) in other.offsets { include(partition, before: offset) }
    }

    /// - Parameter text: a word as ``description`` gives it; anything else, altered ones included, gives `nil`.
    public init?(text: String) {
        guard let bytes = Base64URL.decode(text.utf8), bytes.count >= 5, bytes[0] == Self.version else { return nil }
        let body = bytes.dropLast(4)
        guard Array(bytes.suffix(4)) == Self.checksum(body) else { return nil }
        var rest = body.dropFirst()
        var previous: TopicPartition?
        while let number = rest.popFirst() {
            guard let topic = Topic(rawValue: number), let partition = Self.readNumber(&rest),
                let offset = Self.readNumber(&rest), let small = Int32(exactly: partition)
            else { return nil }
            let place = TopicPartition(topic, small)
            // One token has one text: partitions in order, each once.
            if let previous, place <= previous { return nil }
            previous = place
            offsets[place] = offset
        }
        guard description == text else { return nil }
    }

    private static func readNumber(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst() {
            guard shift < 63 else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return Int64(value) }
            shift += 7
        }
        return nil
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// FNV-1a of 32 bits: against typing and cutting errors, not against forgery, which gains nothing.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var hash: UInt32 = 0x811c_9dc5
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: hash >> UInt32($0)) }
    }
}

extension PositionToken: CustomStringConvertible {
    /// One word of letters, digits, `-` and `_` that begins with a letter; the same positions give the same word.
    public var description: String {
        var bytes: [UInt8] = [Self.version]
        for (partition, offset) in offsets.sorted(by: { $0.key < $1.key }) {
            bytes.append(partition.topic.rawValue)
            Self.append(Int64(partition.partition), to: &bytes)
            Self.append(offset, to: &bytes)
        }
        bytes += Self.checksum(bytes)
        return String(decoding: Base64URL.encode(bytes), as: UTF8.self)
    }
}
