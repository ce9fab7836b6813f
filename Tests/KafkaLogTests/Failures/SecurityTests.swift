import EventLog
import KafkaLog
import TestSupport
import Testing

extension KafkaFailureTests {
    @Suite(.serialized) struct Security {
        private static let counts = PartitionCounts(conversationCommands: 1, memberCommands: 1, legacyWrites: 1)

        private func properties(_ cluster: KafkaCluster, mechanism: String = "PLAIN", password: String) -> [String:
            String]
        {
            [
                "security.protocol": "SASL_SSL", "sasl.mechanism": mechanism, "sasl.username": "parley",
                "sasl.password": password, "ssl.ca.location": "\(cluster.directory)/tls/ca.crt",
            ]
        }

        private func batch() -> AppendBatch {
            var batch = AppendBatch()
            batch.add(to: Writers.partition, key: [1], value: [2])
            return batch
        }

        @Test func loginsAndRightsAreToldApartAndNoPasswordIsShown() throws {
            let cluster = try KafkaCluster(options: ["--sasl", "--tls", "--acl"])
            defer { cluster.stop() }
            var admin = properties(cluster, password: "admin-secret")
            admin["sasl.username"] = "admin"
            _ = try KafkaTopics(KafkaSettings(brokers: cluster.bootstrap, properties: admin)).create(
                Self.counts, replicas: 1)

            try wrongPassword(cluster)
            try noRights(cluster)
            try grant(cluster, "--add")
            let log = try KafkaLog(
                KafkaSettings(
                    brokers: cluster.bootstrap,
                    properties: properties(cluster, mechanism: "PLAIN", password: "parley-secret")))
            defer { log.close() }
            _ = try log.append(batch())
            try require(try log.read(Writers.partition, from: 0, maxRecords: 9, maxBytes: 9).count == 1, "no record")
            try grant(cluster, "--remove")
            let error = try #require(throws: LogError.self) {
                for _ in 0..<50 {
                    _ = try log.append(batch())
                    Threads.sleep(millis: 100)
                }
            }
            try require(error.code == .notAllowed && !error.outcomeUnknown, "after the rights are gone: \(error)")
        }

        private func wrongPassword(_ cluster: KafkaCluster) throws {
            for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
                let settings = try KafkaSettings(
                    brokers: cluster.bootstrap,
                    properties: properties(cluster, mechanism: mechanism, password: "not-the-password"))
                let error = try #require(throws: LogError.self) { _ = try KafkaLog(settings) }
                try require(error.code == .notAllowed && !error.isRetriable, "\(mechanism): \(error)")
                try require(error.message.contains("kafka.sasl.password"), "does not say what to correct: \(error)")
                try require(!"\(error)".contains("not-the-password"), "shows the password: \(error)")
                try require(settings.shown.allSatisfy { $0.value != "not-the-password" }, "shows the password")
            }
        }

        private func noRights(_ cluster: KafkaCluster) throws {
            let settings = try KafkaSettings(
                brokers: cluster.bootstrap, properties: properties(cluster, password: "parley-secret"))
            let error = try #require(throws: LogError.self) { _ = try KafkaLog(settings) }
            try require(error.code == .notAllowed && error.message.contains("kafka-acls"), "without rights: \(error)")
        }

        private func grant(_ cluster: KafkaCluster, _ verb: String) throws {
            let operations = ["Read", "Write", "Describe", "DescribeConfigs"].flatMap { ["--operation", $0] }
            try cluster.adminTool(
                "acls",
                [verb, "--allow-principal", "User:parley", "--topic", "*"] + operations
                    + (verb == "--remove" ? ["--force"] : []))
            Threads.sleep(millis: 300)
        }

        @Test func anExpiredCertificateIsNamed() throws {
            let cluster = try KafkaCluster(options: ["--tls", "--expired"])
            defer { cluster.stop() }
            let settings = try KafkaSettings(
                brokers: cluster.bootstrap,
                properties: ["security.protocol": "SSL", "ssl.ca.location": "\(cluster.directory)/tls/ca.crt"])
            let error = try #require(throws: LogError.self) { _ = try KafkaLog(settings) }
            try require(error.code == .unavailable && error.message.contains("expired"), "\(error)")
        }
    }
}
