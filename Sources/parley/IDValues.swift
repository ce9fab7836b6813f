import Arguments
import Messaging

/// Readers of ids on the command line: 36 characters of UUID text in lower case.
enum IDValues {
    static let identifier: @Sendable (String) throws(ConversionError) -> Identifier = {
        (text) throws(ConversionError) -> Identifier in
        guard let identifier = Identifier(text: text.utf8) else {
            throw ConversionError("is no id; write 36 characters as in 0193a5c2-7e1f-7abc-8def-0123456789ab")
        }
        return identifier
    }

    static let member: @Sendable (String) throws(ConversionError) -> MemberID = {
        (text) throws(ConversionError) -> MemberID in MemberID(try identifier(text))
    }

    static let conversation: @Sendable (String) throws(ConversionError) -> ConversationID = {
        (text) throws(ConversionError) -> ConversationID in ConversationID(try identifier(text))
    }

    static let message: @Sendable (String) throws(ConversionError) -> MessageID = {
        (text) throws(ConversionError) -> MessageID in MessageID(try identifier(text))
    }

    static let command: @Sendable (String) throws(ConversionError) -> CommandID = {
        (text) throws(ConversionError) -> CommandID in CommandID(try identifier(text))
    }
}
