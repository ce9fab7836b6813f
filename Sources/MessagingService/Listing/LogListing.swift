public import ContentProtection
public import EventLog
import Messaging
import Wire

/// The records of a log as lines of JSON (INTERFACE, `log`): by topic, partition and offset, then what comes new.
///
/// Threads: one at a time.
public final class LogListing {
    private static let pageRecords = 1_000
    private static let pageBytes = 4 << 20

    private let log: any EventLog
    private let partitions: [TopicPartition]
    private let sealer: ContentSealer?
    /// The next offset of each partition.
    private var next: [TopicPartition: Int64] = [:]
    private var writer = JSONWriter()

    /// - Parameters:
    ///   - partitions: which to list.
    ///   - from: what stands before this position, in the order of the list, is left out.
    ///   - sealer: opens content and titles; without one they are null.
    public init(log: any EventLog, partitions: [TopicPartition], from: Position?, sealer: ContentSealer?) {
        self.log = log
        self.partitions = partitions.filter { from == nil || $0 >= from!.partition }.sorted()
        self.sealer = sealer
        for partition in self.partitions { next[partition] = partition == from?.partition ? from?.offset : 0 }
    }

    /// Lists everything up to the present end of each partition.
    ///
    /// - Parameter write: is given some lines; `false` ends the listing.
    /// - Throws: `LogError`, `ContentProtectionError`, `WireError` for a record that cannot be read, what `write` throws.
    public func writeToPresentEnd(_ write: ([UInt8]) throws -> Bool) throws {
        for partition in partitions {
            let end = try log.endOffset(of: partition)
            var offset = max(next[partition] ?? 0, try log.startOffset(of: partition))
            // Beyond the end it is an error, and reading says so.
            while offset != end {
                let page = try log.read(
                    partition, from: offset, maxRecords: Self.pageRecords, maxBytes: Self.pageBytes)
                try sealer?.beginBatch()
                for index in page.entries.indices { try page.withRecord(at: index) { try add($0, partition) } }
                offset = page.nextOffset
                next[partition] = offset
                guard try write(writer.bytes) else { return }
                writer.removeAll()
                if offset > end { break }
            }
        }
    }

    /// Waits until there is something new.
    /// - Returns: whether there is.
    public func waitForMore(timeoutMillis: Int) throws -> Bool {
        try log.waitForRecords(past: next, timeoutMillis: timeoutMillis)
    }

    private func add(_ logged: LogBatch.Record, _ partition: TopicPartition) throws {
        let record = try RecordCodec.decode(logged.value)
        try LogLine.write(
            record, position: Array(Position(partition, logged.offset).description.utf8),
            appendTime: logged.appendTime, opened: try opened(record), to: &writer)
        writer.endLine()
    }

    private func opened(_ record: Record) throws -> Wire.Opened {
        guard let sealer, let (sealed, binding) = record.sealed else { return .no }
        switch try sealer.open(sealed, binding: binding) {
        case .opened(let bytes): return .plain(bytes)
        case .erased: return .erased
        }
    }
}

extension Record {
    /// What is sealed in the record, and what it belongs to.
    var sealed: (Sealed, SealBinding)? {
        switch command {
        case .send(let send): (send.content, body(of: send.message))
        case .edit(let edit): (edit.content, body(of: edit.message))
        case .createConversation(let create): create.title.map { ($0, title) }
        case .rename(let rename): (rename.title, title)
        default: nil
        }
    }

    private func body(of message: MessageID) -> SealBinding {
        .body(conversation: conversation, message: message, author: actor, command: id)
    }

    private var title: SealBinding { .title(conversation: conversation, author: actor, command: id) }
}
