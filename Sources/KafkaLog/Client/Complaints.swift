import CRDKafka
import EventLog

/// What brokers and librdkafka complained about of late, so that an error can say more than "timed out".
///
/// Threads: any; librdkafka's own ones write.
final class Complaints: @unchecked Sendable {
    /// Times are of `Monitor.nowNanos()`.
    struct Entry {
        var code: rd_kafka_resp_err_t
        var text: String
        var nanos: Int64
    }

    private let monitor = Monitor()
    private let secrets: [String]
    private var last: Entry?
    private var lastRefusal: Entry?
    private var lastCertificate: Entry?

    init(secrets: [String]) { self.secrets = secrets }

    func note(_ code: rd_kafka_resp_err_t, _ text: String) {
        let entry = Entry(code: code, text: redacted(text), nanos: Monitor.nowNanos())
        monitor.withLock {
            // "All brokers are down" says less than what brought each of them down.
            if code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || last == nil { last = entry }
            if code.isRefusal { lastRefusal = entry }
        }
    }

    /// A broker's certificate is not accepted, and why: librdkafka's own error does not say.
    func noteCertificate(_ text: String) {
        let entry = Entry(code: RD_KAFKA_RESP_ERR__SSL, text: text, nanos: Monitor.nowNanos())
        monitor.withLock { (lastCertificate, lastRefusal) = (entry, entry) }
    }

    /// The last one since a time.
    func latest(since nanos: Int64) -> Entry? {
        monitor.withLock { [lastCertificate, lastRefusal, last].compactMap { $0 }.first { $0.nanos >= nanos } }
    }

    /// The last one that will not pass by waiting: a login or a certificate that is not accepted.
    func refusal(since nanos: Int64) -> Entry? {
        monitor.withLock { [lastCertificate, lastRefusal].compactMap { $0 }.first { $0.nanos >= nanos } }
    }

    private func redacted(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for secret in secrets.map({ Array($0.utf8) }) where secret.count <= bytes.count {
            var place = 0
            while place + secret.count <= bytes.count {
                if bytes[place..<place + secret.count].elementsEqual(secret) {
                    bytes.replaceSubrange(place..<place + secret.count, with: Array("***".utf8))
                }
                place += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension rd_kafka_resp_err_t {
    /// The other side and we do not accept each other; waiting does not help.
    var isRefusal: Bool {
        [
            RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
            RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM,
        ].contains(self)
    }

    /// As librdkafka says it.
    var text: String { String(cString: rd_kafka_err2str(self)) }
}
