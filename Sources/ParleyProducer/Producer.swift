import Deployment
public import EventLog
public import Messaging
import MessagingService

/// Publishes commands into an embedded deployment from Swift code.
///
/// ```swift
/// let producer = try Producer(dataDirectory: "parley-data")
/// let receipt = try await producer.send("hello", from: me, to: you)
/// ```
///
/// A command is durable in the log when `publish` returns. Commands of one caller that awaits each keep their order;
/// commands published at the same time by several tasks share one sync. Whether the fold accepts a command shows in the
/// views. Any thread or task may use a producer; several processes may have one each on the same directory.
public final class Producer: Sendable {
    private let desk: PublishingDesk

    /// Opens the deployment in a directory, and makes it where there is none.
    ///
    /// - Parameters:
    ///   - dataDirectory: as `parley --data`.
    ///   - namespace: of the deployment; fixed for its life.
    ///   - log: as `parley --log`, such as `kafka:HOST:PORT,...`; `nil` for the one in the directory.
    ///   - kafka: settings of librdkafka by their names, such as `sasl.password`.
    /// - Throws: `DeploymentError`, `LogError`, `ContentProtectionError`: each says what to do.
    public init(
        dataDirectory: String, namespace: Identifier = .defaultNamespace, log: String? = nil,
        kafka: [String: String] = [:]
    ) throws {
        let deployment = try Deployment(
            DeploymentSettings(data: dataDirectory, log: log, namespace: namespace, kafka: kafka), ifMissing: .create)
        desk = try PublishingDesk(deployment)
    }

    deinit { desk.close() }

    /// What is known of a command that is in the log.
    public struct Receipt: Sendable, Equatable {
        /// The command id: given again with the same command, it has no second effect.
        public let id: CommandID
        public let conversation: ConversationID
        /// The message it sends or is about, where it names one.
        public let message: MessageID?
        public let position: Position
        /// What `--at-least` of a read takes, to see this command.
        public let token: PositionToken
    }

    /// Appends a command and waits until it is durable. Cancelling the task does not take it back.
    ///
    /// - Throws: `Refusal` when admission refuses it; nothing of it is in the log then. `LogError`: where its
    ///   `outcomeUnknown` is true the command may be in the log; publish it again with the same id. `closed` after
    ///   ``close()``.
    public func publish(_ command: CommandRequest) async throws -> Receipt {
        try await withCheckedThrowingContinuation { desk.hand(in: command, $0) }
    }

    /// Sends a message to another member directly; the first one makes the conversation of the two.
    public func send(
        _ text: String, from sender: MemberID, to member: MemberID, clientToken: String? = nil
    ) async throws -> Receipt {
        let send = Self.request(text, clientToken)
        return try await publish(
            CommandRequest(actor: sender, conversation: nil, kind: .sendDirect(to: member, send)))
    }

    /// Sends a message to a conversation.
    public func send(
        _ text: String, from sender: MemberID, in conversation: ConversationID, clientToken: String? = nil
    ) async throws -> Receipt {
        let send = Self.request(text, clientToken)
        return try await publish(CommandRequest(actor: sender, conversation: conversation, kind: .send(send)))
    }

    /// Ends the use of the deployment, after everything handed in before is answered.
    public func close() { desk.close() }

    private static func request(_ text: String, _ clientToken: String?) -> SendRequest {
        SendRequest(clientToken: clientToken.map { Array($0.utf8) }, content: Content(text: Array(text.utf8)))
    }
}
