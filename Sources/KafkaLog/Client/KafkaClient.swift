import CRDKafka
import EventLog

/// One client of librdkafka: its handle, its topics, and what it complained about.
///
/// Threads: any, as librdkafka allows; `destroy()` once, when no other call is under way.
final class KafkaClient: @unchecked Sendable {
    enum Kind {
        case producer
        case consumer
    }

    let handle: OpaquePointer
    let complaints: Complaints
    private let topics: [OpaquePointer]
    private let retained: Unmanaged<Complaints>

    /// - Parameters:
    ///   - properties: in order; a later one beats an earlier one.
    ///   - events: of `RD_KAFKA_EVENT_...`, that come by the main queue instead of callbacks.
    /// - Throws: `LogError` with `configuration`.
    init(
        _ kind: Kind, _ settings: KafkaSettings, _ properties: [(String, String)], events: Int32 = 0
    ) throws {
        complaints = Complaints(secrets: settings.secrets)
        let configuration = try Self.configuration(properties)
        retained = Unmanaged.passRetained(complaints)
        rd_kafka_conf_set_opaque(configuration, retained.toOpaque())
        rd_kafka_conf_set_error_cb(configuration) { _, code, reason, opaque in
            guard let opaque, let reason else { return }
            Unmanaged<Complaints>.fromOpaque(opaque).takeUnretainedValue()
                .note(rd_kafka_resp_err_t(code), String(cString: reason))
        }
        rd_kafka_conf_set_ssl_cert_verify_cb(configuration) { _, broker, _, error, _, _, _, _, _, opaque in
            guard let error, error.pointee != 0 else { return 1 }
            if let broker, let opaque {
                Unmanaged<Complaints>.fromOpaque(opaque).takeUnretainedValue()
                    .noteCertificate(
                        "the certificate of \(String(cString: broker)) \(certificateProblem(error.pointee))")
            }
            return 0
        }
        // What librdkafka logs it also gives as errors and results; a library does not write to standard error.
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
        if events != 0 { rd_kafka_conf_set_events(configuration, events) }
        var text = [CChar](repeating: 0, count: 512)
        let type = kind == .producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER
        guard let handle = rd_kafka_new(type, configuration, &text, text.count) else {
            rd_kafka_conf_destroy(configuration)
            retained.release()
            throw LogError(.configuration, "kafka: \(Self.string(text)): correct the kafka settings")
        }
        self.handle = handle
        topics = Topic.allCases.map { rd_kafka_topic_new(handle, settings.name(of: $0), nil) }
    }

    private static func configuration(_ properties: [(String, String)]) throws -> OpaquePointer {
        guard let configuration = rd_kafka_conf_new() else { preconditionFailure("librdkafka gives no configuration") }
        for (name, value) in properties {
            var text = [CChar](repeating: 0, count: 512)
            let result = rd_kafka_conf_set(configuration, name, value, &text, text.count)
            if result == RD_KAFKA_CONF_OK { continue }
            if result == RD_KAFKA_CONF_UNKNOWN && KafkaSettings.optional.contains(name) { continue }
            rd_kafka_conf_destroy(configuration)
            let reason =
                if result == RD_KAFKA_CONF_UNKNOWN {
                    "is no setting of librdkafka \(String(cString: rd_kafka_version_str()))"
                } else if KafkaSettings.isSecret(name) {
                    "the value cannot be used (not shown)"
                } else {
                    string(text)
                }
            throw KafkaSettings.refusal(name, "\(reason): correct it or take it out")
        }
        return configuration
    }

    static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func topic(_ topic: Topic) -> OpaquePointer { topics[Int(topic.rawValue)] }

    /// Ends the client. May block while its threads end.
    /// - Precondition: what came from it is given back: messages, queues, events.
    func destroy() {
        for topic in topics { rd_kafka_topic_destroy(topic) }
        rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
        retained.release()
    }
}

/// What a verification error of OpenSSL (`X509_V_ERR_...`) says of a certificate.
private func certificateProblem(_ code: Int32) -> String {
    switch code {
    case 9: "is not valid yet"
    case 10: "has expired"
    case 18, 19, 20, 21: "is not signed by the authority of kafka.ssl.ca.location"
    case 23: "is revoked"
    case 62, 64: "does not name this host"
    default: "is not accepted (OpenSSL verification error \(code))"
    }
}
