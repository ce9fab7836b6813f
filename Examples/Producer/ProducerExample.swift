import Messaging
import ParleyProducer

/// Sends a message from one member to another: `producer-example DIR SENDER MEMBER TEXT`.
@main
struct ProducerExample {
    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 5, let sender = MemberID(text: words[2].utf8), let member = MemberID(text: words[3].utf8)
        else { return print("usage: producer-example DIR SENDER MEMBER TEXT") }
        let producer = try Producer(dataDirectory: words[1])
        let receipt = try await producer.send(words[4], from: sender, to: member)
        print("conversation \(receipt.conversation), read it with --at-least \(receipt.token)")
    }
}
