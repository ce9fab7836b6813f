import EventLog
import Glibc
import KafkaLog
import Postgres

/// A database of a measurement's own on a server whose role may make some; dropped at the end.
/// - Parameter word: tells it from the same process's others.
func withScratchDatabase<Result>(
    on server: PostgresAddress, _ word: String, _ body: (PostgresAddress) throws -> Result
) throws -> Result {
    let name = "parley_bench_\(getpid())_\(word)"
    try PostgresConnection(server).execute("CREATE DATABASE \(name)")
    let drop = { try PostgresConnection(server).execute("DROP DATABASE \(name) WITH (FORCE)") }
    let result: Result
    do { result = try body(server.with(database: name)) } catch {
        // The first failure is told; a database that is left over carries the benchmark's name.
        _ = try? drop()
        throw error
    }
    try drop()
    return result
}

/// Topics of a measurement's own, with one replica; deleted at the end.
func withScratchTopics<Result>(
    _ settings: KafkaSettings, partitions: Int, memberPartitions: Int = 1, _ body: (KafkaSettings) throws -> Result
) throws -> Result {
    let own = try settings.withTopicPrefix("bench-\(String(UInt64.random(in: 0 ... .max), radix: 36))-")
    let topics = KafkaTopics(own)
    let counts = PartitionCounts(
        conversationCommands: Int32(partitions), memberCommands: Int32(memberPartitions), legacyWrites: 1)
    _ = try topics.create(counts, replicas: 1)
    let result: Result
    do { result = try body(own) } catch {
        // As above.
        _ = try? topics.delete()
        throw error
    }
    try topics.delete()
    return result
}
