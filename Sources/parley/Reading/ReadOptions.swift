import Arguments
import EventLog
import Messaging
import MessagingService

/// Options that reads share.
enum ReadOptions {
    static let member = Option.required(
        "as", placeholder: "MEMBER", help: "Whose view to read.", convert: IDValues.member)

    static let limit = Option.value(
        "limit", placeholder: "N", default: 50, defaultText: "50", help: "Entries at most, 1 to 500.",
        convert: Values.integer(in: 1...500))

    static let after = Option<PageToken?>.optional(
        "after", placeholder: "TOKEN", help: "Go on behind this place: \"next\" of another answer.",
        convert: pageToken)

    static let before = Option<PageToken?>.optional(
        "before", placeholder: "TOKEN", help: "End before this place: \"previous\" of another answer.",
        convert: pageToken)

    static let atLeast = Option<PositionToken?>.optional(
        "at-least", placeholder: "TOKEN",
        help: "Answer from views that have what this token of a write or another read names, or exit 75.",
        convert: { (text) throws(ConversionError) -> PositionToken in
            guard let token = PositionToken(text: text) else {
                throw ConversionError("is no token of a write or a read")
            }
            return token
        })

    static let wait = Option.value(
        "wait", placeholder: "TIME", default: Duration.zero, defaultText: "0s",
        help: "How long to wait for that, such as 5s.", convert: Values.duration)

    /// Of a list in pages.
    static let list: [OptionDeclaration] = [limit.declaration, after.declaration] + freshness
    /// Of every read.
    static let freshness: [OptionDeclaration] = [atLeast.declaration, wait.declaration]

    private static let pageToken: @Sendable (String) throws(ConversionError) -> PageToken = {
        (text) throws(ConversionError) -> PageToken in
        guard let token = PageToken(text: text) else {
            throw ConversionError("is no token of a list; give one that a list answered, as it is")
        }
        return token
    }
}

extension ParsedArguments {
    /// From which state to answer.
    var freshness: AtLeast? {
        self[ReadOptions.atLeast].map { AtLeast($0, wait: self[ReadOptions.wait]) }
    }
}
