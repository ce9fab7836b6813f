public import EventLog
public import Messaging

/// What admission made of a batch of requests: records to append, and for each request what became of it.
public struct AdmittedBatch: Sendable {
    public enum Outcome: Sendable {
        case admitted(Admitted)
        /// The log had it already, at this place; it is not appended again.
        case logged(Admitted, Position)
        case refused(Refusal)
    }

    /// The admitted records, in the order of the requests.
    public var records: AppendBatch
    /// One for each request, in their order. The n-th `admitted` is the n-th entry of `records`.
    public var outcomes: [Outcome]
}

/// The ids of an admitted command.
public struct Admitted: Sendable, Equatable {
    public var id: CommandID
    public var conversation: ConversationID
    /// The message it sends or is about, where it names one.
    public var message: MessageID?

    public init(id: CommandID, conversation: ConversationID, message: MessageID?) {
        self.id = id
        self.conversation = conversation
        self.message = message
    }
}
