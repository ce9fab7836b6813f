import Wire

extension KafkaStatistics {
    /// Reads what a client of librdkafka says of itself (its STATISTICS.md); what a version lacks counts as 0.
    /// - Throws: `WireError` when it is no JSON.
    init(parsing text: [UInt8]) throws {
        let client = try JSONValue(parsing: text)
        if client["type"]?.text == "producer" {
            recordsUnderWay = client.number("msg_cnt")
            bytesUnderWay = client.number("msg_size")
        }
        for (_, broker) in client.fields("brokers") { add(broker) }
        for (_, topic) in client.fields("topics") {
            // Partition -1 stands for records whose partition is not known.
            for (_, partition) in topic.fields("partitions") where partition.number("partition") >= 0 {
                recordsFetched += partition.number("fetchq_cnt")
                bytesFetched += partition.number("fetchq_size")
            }
        }
    }

    private mutating func add(_ broker: JSONValue) {
        requestsUnderWay += broker.number("waitresp_cnt")
        retries += broker.number("txretries")
        errors += broker.number("txerrs") + broker.number("rxerrs")
        timeouts += broker.number("req_timeouts")
        // Those without a number are addresses given for a start, and what stands for a group's coordinator.
        guard broker.number("nodeid") >= 0, let name = broker["nodename"]?.text, !name.isEmpty,
            broker.number("tx") > 0
        else { return }
        var other = KafkaStatistics()
        other.brokers[name] = Broker(
            roundTripMicros: broker["rtt"]?.number("avg") ?? 0, roundTripMicros99: broker["rtt"]?.number("p99") ?? 0,
            isUp: broker["state"]?.text == "UP")
        add(other)
    }
}

extension JSONValue {
    /// A field that is a whole number; 0 when there is none.
    fileprivate func number(_ name: String) -> Int64 {
        if case .int(let value)? = self[name] { return value }
        return 0
    }

    /// The fields of a field that is an object.
    fileprivate func fields(_ name: String) -> [(name: [UInt8], value: JSONValue)] {
        guard case .object(let fields)? = self[name] else { return [] }
        return fields.map { ($0.name, $0.value) }
    }

    fileprivate var text: String? {
        if case .string(let bytes) = self { return String(decoding: bytes, as: UTF8.self) }
        return nil
    }
}
