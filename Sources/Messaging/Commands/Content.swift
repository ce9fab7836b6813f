/// What a message says, in clear: before it is sealed and after it was opened, never in the log.
///
/// All text is UTF-8 bytes as the author gave them.
public struct Content: Sendable, Equatable {
    /// Empty only when there are attachments.
    public var text: [UInt8]
    public var mentions: [MemberID]
    public var attachments: [Attachment]

    public init(text: [UInt8], mentions: [MemberID] = [], attachments: [Attachment] = []) {
        self.text = text
        self.mentions = mentions
        self.attachments = attachments
    }
}

/// Something that goes with a message and is kept elsewhere.
public struct Attachment: Sendable, Equatable {
    public var uri: [UInt8]
    public var mediaType: [UInt8]?
    /// Its size as the author says it.
    public var bytes: Int64?
    public var name: [UInt8]?

    public init(uri: [UInt8], mediaType: [UInt8]? = nil, bytes: Int64? = nil, name: [UInt8]? = nil) {
        self.uri = uri
        self.mediaType = mediaType
        self.bytes = bytes
        self.name = name
    }
}
