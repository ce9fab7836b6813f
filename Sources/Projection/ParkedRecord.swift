public import EventLog
public import Messaging
import Wire

extension UnreadableRecord {
    /// A readable record that must wait: behind a parked one, or because projectors die of it.
    public static func parked(_ logged: LoggedRecord, in partition: TopicPartition, reason: String) -> UnreadableRecord
    {
        var value: [UInt8] = []
        do {
            try RecordCodec.encode(logged.record, into: &value)
        } catch {
            preconditionFailure("a record that was decoded cannot be encoded: \(error)")
        }
        return UnreadableRecord(
            partition: partition, offset: logged.offset, appendTime: logged.appendTime,
            key: logged.record.key.bytes, value: value, reason: reason)
    }
}
