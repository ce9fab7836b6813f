import CRDKafka
import EventLog

/// Partitions with an offset each, as librdkafka takes and gives them.
final class PartitionList {
    let list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ offsets: some Sequence<(TopicPartition, Int64)>, _ settings: KafkaSettings) {
        list = rd_kafka_topic_partition_list_new(32)
        for (partition, offset) in offsets {
            let added = rd_kafka_topic_partition_list_add(
                list, settings.name(of: partition.topic), partition.partition)
            added?.pointee.offset = offset
        }
    }

    deinit { rd_kafka_topic_partition_list_destroy(list) }

    /// In the order they were given in.
    var elements: UnsafeBufferPointer<rd_kafka_topic_partition_t> {
        UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt))
    }
}
