import EventLog
import Messaging
import ParleyProducer
import TestSupport
import Testing

struct ProducerTests {
    private let scratch: ScratchDirectory
    private var data: String { scratch.path + "/data" }
    private let me = MemberID(Identifier(high: 1, low: 1))
    private let you = MemberID(Identifier(high: 1, low: 2))

    init() throws { scratch = try ScratchDirectory() }

    @Test func aMessageIsPublishedOnceHoweverOftenItIsSent() async throws {
        let producer = try Producer(dataDirectory: data)
        let first = try await producer.send("hello", from: me, to: you, clientToken: "t")
        let again = try await producer.send("hello", from: me, to: you, clientToken: "t")
        #expect(first.message == again.message)
        #expect(first.conversation == .direct(you, me, namespace: .defaultNamespace))
        #expect(first.token.offsets[first.position.partition] == first.position.offset + 1)
        #expect(again.position.offset == first.position.offset + 1)
    }

    @Test func manyTasksPublishAtOnceAndEachIsAnswered() async throws {
        let producer = try Producer(dataDirectory: data)
        let (me, you) = (me, you)
        let positions = try await withThrowingTaskGroup(of: Position.self) { group in
            for number in 0..<200 {
                group.addTask { try await producer.send("number \(number)", from: me, to: you).position }
            }
            return try await group.reduce(into: Set<Position>()) { $0.insert($1) }
        }
        #expect(positions.count == 200)
    }

    @Test func aRefusalIsItsCallersAlone() async throws {
        let producer = try Producer(dataDirectory: data)
        async let good = producer.send("hello", from: me, to: you)
        await #expect(throws: Refusal.self) { try await producer.send("", from: me, to: you) }
        #expect(try await good.position.offset == 0)
    }

    @Test func aClosedProducerSaysSo() async throws {
        let producer = try Producer(dataDirectory: data)
        producer.close()
        producer.close()
        await #expect(throws: LogError.self) { try await producer.send("hello", from: me, to: you) }
    }

    @Test func aDirectoryThatCannotBeMadeIsAnError() {
        #expect(throws: (any Error).self) { try Producer(dataDirectory: "/dev/null/data") }
    }

    @Test func theExampleSendsAMessageThatTheLogShows() throws {
        let example = try ChildProcess("producer-example", [data, "\(me)", "\(you)", "from the example"])
        let line = example.readLine()
        #expect(example.wait() == 0)
        #expect(line?.hasPrefix("conversation ") == true)
        let log = try ChildProcess("parley", ["log", "--open", "--data", data])
        #expect(log.readLine()?.contains("from the example") == true)
        #expect(log.wait() == 0)
    }
}
