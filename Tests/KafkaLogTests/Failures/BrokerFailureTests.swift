import EventLog
import KafkaLog
import TestSupport
import Testing

/// What breaks, one thing after the other: brokers need the machine for themselves.
@Suite(.serialized, .enabled(if: RealBrokers.canBeStarted)) struct KafkaFailureTests {}

extension KafkaFailureTests {
    /// One broker that is killed, stopped, cut off, and loses a topic.
    @Suite(.serialized) struct OneBroker {
        private static let counts = PartitionCounts(conversationCommands: 1, memberCommands: 1, legacyWrites: 1)

        @Test func acknowledgedRecordsSurviveWhatHappensToABroker() throws {
            let cluster = try KafkaCluster(isBehindProxy: true)
            defer { cluster.stop() }
            guard let proxy = cluster.proxy else { throw TestFailure("no proxy") }
            try killedAndRestarted(cluster)
            try stoppedAndContinued(cluster)
            try answerLost(cluster, proxy)
            try answersLostForLongerThanAnAppendWaits(cluster, proxy)
            try topicDeleted(cluster)
        }

        private func place(_ cluster: KafkaCluster, _ properties: [String: String] = [:]) throws -> RealBrokers.Place {
            try RealBrokers.Place(Self.counts, brokers: cluster.bootstrap, properties: properties)
        }

        private func killedAndRestarted(_ cluster: KafkaCluster) throws {
            let place = try place(cluster)
            let log = try place.open()
            defer { log.close() }
            let writers = Writers(log, batches: 200)
            try writers.run {
                try cluster.tell("kill", 1)
                try cluster.tell("restart", 1)
            }
            let texts = try writers.verify(log)
            // Another reader, not ours, sees the same in the same order.
            let output = try cluster.tool(
                "console-consumer",
                [
                    "--topic", place.settings.name(of: .conversationCommands), "--from-beginning", "--max-messages",
                    String(texts.count), "--timeout-ms", "20000",
                ])
            let others = output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("writer-") }
            try require(others == texts, "Kafka's own consumer sees \(others.count) records, we see \(texts.count)")
        }

        private func stoppedAndContinued(_ cluster: KafkaCluster) throws {
            let log = try place(cluster).open()
            defer { log.close() }
            let writers = Writers(log, batches: 100)
            try writers.run {
                try cluster.tell("pause", 1)
                Threads.sleep(millis: 2_000)
                try cluster.tell("resume", 1)
            }
            try writers.verify(log)
        }

        private func answerLost(_ cluster: KafkaCluster, _ proxy: TCPProxy) throws {
            let log = try place(cluster).open()
            defer { log.close() }
            let writers = Writers(log, batches: 100)
            let before = proxy.lostBytes
            try writers.run {
                proxy.loseAnswers()
                while proxy.lostBytes == before { Threads.sleep(millis: 5) }
                Threads.sleep(millis: 200)
                proxy.cut()
            }
            let texts = try writers.verify(log)
            try require(Set(texts).count == texts.count, "an idempotent producer's retry left copies")
        }

        private func answersLostForLongerThanAnAppendWaits(_ cluster: KafkaCluster, _ proxy: TCPProxy) throws {
            let log = try place(cluster, ["message.timeout.ms": "1500"]).open()
            defer { log.close() }
            let writers = Writers(log, batches: 100)
            try writers.run {
                proxy.loseAnswers()
                while writers.unknownOutcomes == 0 { Threads.sleep(millis: 20) }
                proxy.cut()
            }
            try writers.verify(log)
            try require(writers.unknownOutcomes > 0, "no append ended with an unknown outcome")
        }

        private func topicDeleted(_ cluster: KafkaCluster) throws {
            let place = try place(
                cluster, ["topic.metadata.propagation.max.ms": "500", "topic.metadata.refresh.interval.ms": "500"])
            let log = try place.open()
            defer { log.close() }
            var batch = AppendBatch()
            batch.add(to: Writers.partition, key: [1], value: [2])
            _ = try log.append(batch)
            try KafkaTopics(place.settings).delete()
            let name = place.settings.name(of: .conversationCommands)
            let failed = try #require(throws: LogError.self) {
                for _ in 0..<100 { _ = try log.append(batch) }
            }
            try require(
                failed.code == .configuration && failed.message.contains("parley topics create"),
                "an append to a deleted topic: \(failed)")
            let opening = try #require(throws: LogError.self) { _ = try place.open() }
            try require(opening.code == .configuration && opening.message.contains(name), "opening: \(opening)")
        }
    }

    /// Three brokers, of which one that leads is killed.
    @Suite struct ThreeBrokers {
        @Test func aKilledLeaderLosesNothingAcknowledged() throws {
            let cluster = try KafkaCluster(brokers: 3)
            defer { cluster.stop() }
            let settings = try KafkaSettings(brokers: cluster.bootstrap)
            let counts = PartitionCounts(conversationCommands: 1, memberCommands: 1, legacyWrites: 1)
            _ = try KafkaTopics(settings).create(counts, replicas: 3)
            let log = try KafkaLog(settings)
            defer { log.close() }
            try require(log.warnings.isEmpty, "three replicas are warned about: \(log.warnings)")
            let leader = try leader(cluster)
            let writers = Writers(log, batches: 200)
            try writers.run { try cluster.tell("kill", leader) }
            try writers.verify(log)
            let again = try KafkaLog(settings)
            defer { again.close() }
            try writers.verify(again)
        }

        private func leader(_ cluster: KafkaCluster) throws -> Int {
            let text = try cluster.tool("topics", ["--describe", "--topic", "conversation-commands"])
            let words = text.split { $0 == " " || $0 == "\t" || $0 == "\n" }
            guard let place = words.firstIndex(of: "Leader:"), let leader = Int(words[place + 1]) else {
                throw TestFailure("no leader in \(text)")
            }
            return leader
        }
    }
}
