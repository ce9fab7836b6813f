import EventLog
import KafkaLog
import TestSupport
import Testing

@Suite struct KafkaSettingsTests {
    private func refusal(_ properties: [String: String]) -> LogError? {
        do {
            _ = try KafkaLog(KafkaSettings(brokers: "127.0.0.1:1", properties: properties))
            return nil
        } catch let error as LogError { return error } catch { return nil }
    }

    @Test(arguments: [
        ("acks", "1"), ("enable.idempotence", "false"), ("auto.offset.reset", "earliest"), ("check.crcs", "false"),
        ("isolation.level", "read_uncommitted"), ("transactional.id", "x"), ("bootstrap.servers", "x"),
        ("enable.gapless.guarantee", "false"), ("no.such.setting", "x"), ("linger.ms", "soon"),
        ("message.timeout.ms", "0"), ("topic.prefix", "a/b"),
    ])
    func whatWouldLoseRecordsOrMeansNothingIsRefusedByName(_ setting: (name: String, value: String)) throws {
        let error = try #require(refusal([setting.name: setting.value, "read.timeout.ms": "200"]))
        #expect(error.code == .configuration && error.message.contains("kafka.\(setting.name)"), "\(error)")
    }

    @Test func theSameValuesAreAllowedAndASecretIsNeverShown() throws {
        let settings = try KafkaSettings(
            brokers: "127.0.0.1:1",
            properties: [
                "acks": "-1", "enable.idempotence": "true", "sasl.password": "hush", "ssl.key.password": "hush",
            ])
        #expect(settings.shown.allSatisfy { $0.value == "(hidden)" })
        #expect(settings.shown.count == 2)
        let error = try #require(
            refusal(["ssl.key.pem": "hush", "security.protocol": "SSL", "read.timeout.ms": "200"]))
        #expect(error.code == .configuration && !"\(error)".contains("hush"), "\(error)")
    }

    @Test func brokersThatAreNotThereAreAnErrorThatMayPass() throws {
        let error = try #require(refusal(["read.timeout.ms": "300"]))
        #expect(error.code == .unavailable && error.isRetriable && error.message.contains("127.0.0.1:1"), "\(error)")
    }

    @Test func everySettingThatLosesRecordsIsFoundAndTheRemedyIsNamed() {
        let good = Dictionary(
            uniqueKeysWithValues: TopicRequirements.settings(replicas: 3, minInSync: nil, compression: "zstd").map {
                ($0.name, $0.value)
            })
        func findings(_ changes: [String: String], replicas: Int32 = 3) -> [TopicFinding] {
            TopicRequirements.findings(
                of: TopicDescription(
                    topic: .memberCommands, name: "m", partitions: 4, replicas: replicas,
                    settings: good.merging(changes) { $1 }))
        }
        #expect(findings([:]).isEmpty)
        for (name, value) in [
            ("message.timestamp.type", "CreateTime"), ("cleanup.policy", "compact"), ("retention.ms", "604800000"),
            ("retention.bytes", "1000"), ("unclean.leader.election.enable", "true"), ("min.insync.replicas", "1"),
            ("max.message.bytes", "1000"), ("min.insync.replicas", "4"),
        ] {
            let found = findings([name: value])
            #expect(found.count == 1 && found[0].isRefusal && found[0].setting == name, "\(name): \(found)")
            #expect(found.first?.remedy.contains("--add-config \(name)=") == true, "\(name): \(found)")
        }
        let alone = findings(["min.insync.replicas": "1"], replicas: 1)
        #expect(alone.count == 1 && !alone[0].isRefusal && alone[0].setting == "flush.messages")
        #expect(findings(["min.insync.replicas": "1", "flush.messages": "1"], replicas: 1).isEmpty)
    }
}
