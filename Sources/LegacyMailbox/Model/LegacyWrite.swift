/// One write of the legacy system: the whole row as it stands after it, and the version it was given.
///
/// All text is bytes as the legacy store holds them, UTF-8 when a `LegacyFormat` made the value; times are microseconds
/// since 1970 by the legacy store's clock.
public struct LegacyWrite: Hashable, Sendable {
    /// What happened to the row.
    public enum Operation: UInt8, Hashable, Sendable, CaseIterable {
        case insert = 0
        case update = 1
        /// The row itself is gone; the image is the last one known. What people call deleting is
        /// ``LegacyCopy/deletion``.
        case delete = 2
        /// The row as a snapshot found it; otherwise like `insert`.
        case snapshot = 3
    }

    /// The row after the write; after a `delete`, as it was before it.
    public enum Row: Hashable, Sendable {
        case thread(LegacyThread)
        case participant(LegacyParticipant)
        case copy(LegacyCopy)
    }

    public var operation: Operation
    public var row: Row
    /// Microseconds of the legacy store's clock, strictly increasing within a thread.
    public var sourceVersion: Int64

    public init(_ operation: Operation, _ row: Row, sourceVersion: Int64) {
        self.operation = operation
        self.row = row
        self.sourceVersion = sourceVersion
    }

    /// The legacy thread's id: the key of the record in `legacy-writes` and the name of its lane.
    public var thread: [UInt8] {
        switch row {
        case .thread(let row): row.thread
        case .participant(let row): row.thread
        case .copy(let row): row.thread
        }
    }

    /// Whose row it is; `nil` for a thread's.
    public var owner: [UInt8]? {
        switch row {
        case .thread: nil
        case .participant(let row): row.owner
        case .copy(let row): row.owner
        }
    }
}

/// A thread of the legacy system.
public struct LegacyThread: Hashable, Sendable {
    public var thread: [UInt8]
    /// The thread's title; empty when it has none.
    public var subject: [UInt8]
    /// Who made it.
    public var creator: [UInt8]
    public var createdAt: Int64

    public init(thread: [UInt8], subject: [UInt8], creator: [UInt8], createdAt: Int64) {
        self.thread = thread
        self.subject = subject
        self.creator = creator
        self.createdAt = createdAt
    }
}

/// Somebody's part in a thread: one row a person and thread, whatever their comings and goings.
///
/// Only joining, leaving and moving the thread to another folder write it, so ``folder`` is as new as the row's
/// version.
public struct LegacyParticipant: Hashable, Sendable {
    public var thread: [UInt8]
    public var owner: [UInt8]
    /// The latest joining.
    public var joinedAt: Int64
    /// The leaving since; `nil` while inside.
    public var leftAt: Int64?
    /// Where this person keeps the thread; ``LegacyFolder/archive`` means archived. A new message moves it back.
    public var folder: [UInt8]

    public init(thread: [UInt8], owner: [UInt8], joinedAt: Int64, leftAt: Int64?, folder: [UInt8]) {
        self.thread = thread
        self.owner = owner
        self.joinedAt = joinedAt
        self.leftAt = leftAt
        self.folder = folder
    }
}

/// One participant's own row of a message.
public struct LegacyCopy: Hashable, Sendable {
    /// How much of the message is gone.
    public enum Deletion: UInt8, Hashable, Sendable, CaseIterable {
        case none = 0
        /// This copy, by its owner, for its owner.
        case own = 1
        /// Every copy, for everybody; no copy has a body any more.
        case everyone = 2
    }

    public var thread: [UInt8]
    public var owner: [UInt8]
    /// Unique among all copies.
    public var copyID: [UInt8]
    /// The same in all copies of a message and in no other message of the thread.
    public var deduplicationKey: [UInt8]
    public var folder: [UInt8]
    public var sender: [UInt8]
    public var recipients: [[UInt8]]
    /// The subject of this message as it was sent; the thread's title is ``LegacyThread/subject``.
    public var subject: [UInt8]
    /// `nil` when this copy has no body (any more).
    public var body: [UInt8]?
    public var attachments: [LegacyAttachment]
    /// The deduplication key of the message this one answers, which may be unknown.
    public var inReplyTo: [UInt8]?
    public var sentAt: Int64
    /// `nil` while unread.
    public var readAt: Int64?
    public var starred: Bool
    public var deletion: Deletion
    /// Who deleted it for everyone.
    public var deletedBy: [UInt8]?
    /// When the body was changed last; `nil` when never.
    public var editedAt: Int64?

    public init(
        thread: [UInt8], owner: [UInt8], copyID: [UInt8], deduplicationKey: [UInt8], folder: [UInt8], sender: [UInt8],
        recipients: [[UInt8]], subject: [UInt8], body: [UInt8]?, attachments: [LegacyAttachment] = [],
        inReplyTo: [UInt8]? = nil, sentAt: Int64, readAt: Int64? = nil, starred: Bool = false,
        deletion: Deletion = .none, deletedBy: [UInt8]? = nil, editedAt: Int64? = nil
    ) {
        self.thread = thread
        self.owner = owner
        self.copyID = copyID
        self.deduplicationKey = deduplicationKey
        self.folder = folder
        self.sender = sender
        self.recipients = recipients
        self.subject = subject
        self.body = body
        self.attachments = attachments
        self.inReplyTo = inReplyTo
        self.sentAt = sentAt
        self.readAt = readAt
        self.starred = starred
        self.deletion = deletion
        self.deletedBy = deletedBy
        self.editedAt = editedAt
    }
}

/// A file of a message, which stays where it is.
public struct LegacyAttachment: Hashable, Sendable {
    public var uri: [UInt8]
    public var mediaType: [UInt8]
    public var name: [UInt8]
    public var bytes: Int64

    public init(uri: [UInt8], mediaType: [UInt8], name: [UInt8], bytes: Int64) {
        self.uri = uri
        self.mediaType = mediaType
        self.name = name
        self.bytes = bytes
    }
}

/// The folders that mean something; any other name is just a folder.
public enum LegacyFolder {
    public static let inbox = Array("inbox".utf8)
    public static let sent = Array("sent".utf8)
    public static let archive = Array("archive".utf8)
}
