import CRDKafka
import EventLog

extension LogError {
    /// Says what librdkafka's or a broker's error means for the log.
    ///
    /// - Parameters:
    ///   - work: what was tried, as in "append to conversation-commands".
    ///   - complaint: what the client complained about meanwhile; explains errors that only say that time is up.
    init(
        kafka error: rd_kafka_resp_err_t, _ work: String, _ settings: KafkaSettings, complaint: Complaints.Entry? = nil,
        outcomeUnknown: Bool = false
    ) {
        let code = error.isOutage ? complaint?.code ?? error : error
        let meaning = Meaning(code, settings)
        let said = complaint.map { ": \($0.text)" } ?? ""
        let unknown =
            outcomeUnknown
            ? "; the outcome is unknown: append the same records again, with the same command ids" : ""
        self.init(
            meaning.code, "cannot \(work) on \(settings.brokers): \(error.text)\(said): \(meaning.advice)\(unknown)",
            isRetriable: meaning.isRetriable || outcomeUnknown, outcomeUnknown: outcomeUnknown)
    }

    private struct Meaning {
        var code: Code
        var advice: String
        var isRetriable: Bool

        init(_ error: rd_kafka_resp_err_t, _ settings: KafkaSettings) {
            (code, advice, isRetriable) =
                switch error {
                case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
                    RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
                    (.notAllowed, Self.loginAdvice(settings), false)
                case RD_KAFKA_RESP_ERR__SSL:
                    (
                        .unavailable,
                        "no TLS connection: see that the broker's certificate is valid and names this host, and that "
                            + "kafka.ssl.ca.location is its authority", false
                    )
                case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                    RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
                    (
                        .notAllowed,
                        "the broker's access control does not allow it: grant this user Read, Write, Describe and "
                            + "DescribeConfigs on the topics (kafka-acls --add)", false
                    )
                case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
                    RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
                    (.configuration, "the topic is not there: parley topics create makes it", false)
                case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
                    (.configuration, "raise the topic's max.message.bytes: see parley topics check", false)
                case RD_KAFKA_RESP_ERR__BAD_MSG, RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
                    (.corrupt, "what the broker gives is damaged and not served: check the broker's disks", false)
                case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
                    (.inputOutput, "the broker's disk failed: check it", true)
                default:
                    error.isOutage
                        ? (.unavailable, "see that the brokers run and can be reached, then try again", true)
                        : (.inputOutput, "see the brokers' logs", false)
                }
        }

        /// librdkafka before 2.6.1 sends a nonce that Kafka 3.7.2, 4 and later refuse (its pull request 4895).
        private static func loginAdvice(_ settings: KafkaSettings) -> String {
            let mechanism = settings.properties["sasl.mechanism"] ?? settings.properties["sasl.mechanisms"] ?? ""
            let advice = "correct kafka.sasl.username and kafka.sasl.password"
            guard mechanism.utf8.starts(with: "SCRAM".utf8), rd_kafka_version() < 0x0206_0100 else { return advice }
            return advice
                + "; if they are right: librdkafka \(String(cString: rd_kafka_version_str())) cannot log in by "
                + "SCRAM to Kafka 3.7.2 or newer: use 2.6.1 or newer, or PLAIN over TLS, or client certificates"
        }
    }
}

extension rd_kafka_resp_err_t {
    /// It may pass without anybody changing anything.
    var isOutage: Bool {
        switch self {
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
            RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__RESOLVE,
            RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__WAIT_COORD,
            RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, RD_KAFKA_RESP_ERR__QUEUE_FULL,
            RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__RETRY,
            RD_KAFKA_RESP_ERR__INTR, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
            RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
            RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_CONTROLLER,
            RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
            RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
            true
        // What librdkafka kept for a partition or a broker ended while it had records or questions, as when a topic is
        // deleted: asking anew tells what is the matter. The second one is `RD_KAFKA_RESP_ERR__DESTROY_BROKER`, of newer
        // libraries only.
        case RD_KAFKA_RESP_ERR__DESTROY: true
        default: rawValue == -137
        }
    }
}
