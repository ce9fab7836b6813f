/// A stream of records with a fixed number of partitions.
///
/// The raw value is part of the format of stored logs.
@frozen
public enum Topic: UInt8, CaseIterable, Hashable, Comparable, Sendable {
    /// What was asked of conversations; keyed by conversation.
    case conversationCommands = 0
    /// What members asked for themselves alone; keyed by member.
    case memberCommands = 1
    /// What the legacy system's outbox says; keyed by legacy thread.
    case legacyWrites = 2

    /// The name brokers and people see.
    public var name: String {
        switch self {
        case .conversationCommands: "conversation-commands"
        case .memberCommands: "member-commands"
        case .legacyWrites: "legacy-writes"
        }
    }

    /// - Parameter name: exactly one of the names; anything else gives `nil`.
    public init?(name: String) {
        guard let topic = Topic.allCases.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else { return nil }
        self = topic
    }

    @inlinable
    public static func < (left: Topic, right: Topic) -> Bool { left.rawValue < right.rawValue }
}

/// One ordered sequence of records: a partition of a topic, counted from 0.
@frozen
public struct TopicPartition: Hashable, Comparable, Sendable {
    public var topic: Topic
    public var partition: Int32

    @inlinable
    public init(_ topic: Topic, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    /// - Parameter text: such as `conversation-commands/3`; anything else gives `nil`.
    public init?(text: String) {
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")), let topic = Topic(name: String(text[..<slash])),
            let partition = decimal(text[text.utf8.index(after: slash)...].utf8), partition <= Int64(Int32.max)
        else { return nil }
        self.init(topic, Int32(partition))
    }

    @inlinable
    public static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        left.topic != right.topic ? left.topic < right.topic : left.partition < right.partition
    }
}

extension TopicPartition: CustomStringConvertible {
    /// `conversation-commands/3`
    public var description: String { "\(topic.name)/\(partition)" }
}

/// A place in a log: of a record, or of the next one to come.
@frozen
public struct Position: Hashable, Comparable, Sendable {
    public var partition: TopicPartition
    /// Counts the records of the partition from 0.
    public var offset: Int64

    @inlinable
    public init(_ partition: TopicPartition, _ offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    /// - Parameter text: such as `conversation-commands/3@1024`; anything else gives `nil`.
    public init?(text: String) {
        guard let at = text.utf8.lastIndex(of: UInt8(ascii: "@")),
            let partition = TopicPartition(text: String(text[..<at])),
            let offset = decimal(text[text.utf8.index(after: at)...].utf8)
        else { return nil }
        self.init(partition, offset)
    }

    @inlinable
    public static func < (left: Position, right: Position) -> Bool {
        left.partition != right.partition ? left.partition < right.partition : left.offset < right.offset
    }
}

extension Position: CustomStringConvertible {
    /// `conversation-commands/3@1024`
    public var description: String { "\(partition)@\(offset)" }
}

/// Digits only, without needless zeros in front: there is one text for each number.
private func decimal(_ digits: some Collection<UInt8>) -> Int64? {
    guard let first = digits.first, digits.count == 1 || first != UInt8(ascii: "0") else { return nil }
    var value: Int64 = 0
    for digit in digits {
        guard digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9") else { return nil }
        let (shifted, tooBig) = value.multipliedReportingOverflow(by: 10)
        let (sum, carried) = shifted.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
        if tooBig || carried { return nil }
        value = sum
    }
    return value
}

/// One multiplication where the standard hasher takes many rounds: positions are looked up for every record, and nobody
/// outside chooses them.
extension Position {
    public func _rawHashValue(seed: Int) -> Int {
        let place = UInt64(partition.topic.rawValue) << 32 | UInt64(UInt32(bitPattern: partition.partition))
        let product = (UInt64(bitPattern: offset) ^ UInt64(bitPattern: Int64(seed)) ^ 0x9E37_79B9_7F4A_7C15)
            .multipliedFullWidth(by: place ^ 0xD1B5_4A32_D192_ED03)
        return Int(truncatingIfNeeded: product.high ^ product.low)
    }
}
