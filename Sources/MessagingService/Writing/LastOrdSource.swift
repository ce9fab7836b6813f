public import Messaging

/// Knows how far a conversation has come; the read path does.
///
/// Admission asks only for an ord that is ahead of the log's clock, which is rare: the clock was set back, or a
/// conversation had several records in the same microsecond. Any thread may ask.
public protocol LastOrdSource: Sendable {
    /// The conversation's last ord in microseconds, `nil` when the conversation is not known.
    func lastOrd(of conversation: ConversationID) throws -> Int64?
}
