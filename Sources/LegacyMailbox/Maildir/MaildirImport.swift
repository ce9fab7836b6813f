import EventLog
import Messaging

/// Fills the legacy store from real mail: one thread a conversation, one copy a participant, and one more for each
/// further folder in which the maildir's owner keeps the mail.
///
/// Runs twice over the files: headers first, so that threads are known, then the bodies, oldest first. Importing again
/// finds everything there. Memory: the headers, and one file at a time.
public struct MaildirImport: Sendable {
    /// Whose maildir it is: folders, and the flags seen, flagged and trashed, are this owner's. `nil`: nobody's.
    public var owner: [UInt8]?

    public init(owner: [UInt8]?) { self.owner = owner.map { Ascii.lowered($0) } }

    /// Bytes of a body that a message keeps, so that it fits into a message's content whatever its characters are.
    static let bodyLimit = 40 * 1024
    private static let attachmentLimit = 32
    /// Mails of one transaction.
    private static let batchMails = 64

    /// What was done.
    public struct Report: Sendable {
        public var files = 0
        public var messages = 0
        public var threads = 0
        /// Messages that were there already.
        public var known = 0
        /// How many files had each oddity.
        public var oddities: [MailOddity: Int] = [:]
    }

    /// - Parameter odd: told of each file with something odd, and what.
    /// - Throws: `LegacyError`.
    public func run(
        _ directory: String, into store: LegacyStore, isStopped: () -> Bool = { false },
        odd: (_ file: String, _ oddities: [MailOddity]) throws -> Void = { _, _ in }
    ) throws -> Report {
        var report = Report()
        let mails = try readHeaders(directory, store, &report, odd)
        let heads = MailThreads.group(mails)
        report.threads = Set(heads).count
        var next = 0
        while next < mails.count, !isStopped() {
            let batch = next..<min(next + Self.batchMails, mails.count)
            let messages = batch.map { message(mails[$0], thread: Self.threadID(mails[heads[$0]])) }
            let written = try store.take(messages.compactMap(\.imported))
            report.messages += written.count { $0 > 0 }
            report.known += written.count { $0 == 0 }
            for (index, message) in zip(batch, messages) {
                let all = mails[index].oddities.union(message.oddities)
                for oddity in all { report.oddities[oddity, default: 0] += 1 }
                if !all.isEmpty { try odd(mails[index].file.path, all.sorted()) }
            }
            next = batch.upperBound
        }
        return report
    }

    /// The first pass: every mail's header, oldest first; copies are marked, and the same id with other content gets a
    /// key of its own.
    private func readHeaders(
        _ directory: String, _ store: LegacyStore, _ report: inout Report, _ odd: (String, [MailOddity]) throws -> Void
    ) throws -> [Mail] {
        var mails: [Mail] = []
        let now = store.clock.nowMicros()
        for file in try MaildirFiles.list(directory) {
            report.files += 1
            guard let (bytes, isCut) = MaildirFiles.read(file.path), !bytes.isEmpty else {
                report.oddities[.unreadable, default: 0] += 1
                try odd(file.path, [.unreadable])
                continue
            }
            mails.append(Mail(file, bytes, isCut: isCut, now: now))
        }
        mails.sort { ($0.sentAt, $0.file.path) < ($1.sentAt, $1.file.path) }
        var digests: [[UInt8]: Set<Identifier>] = [:]
        for index in mails.indices {
            let (key, digest) = (mails[index].key, mails[index].digest)
            let isFirst = digests[key] == nil
            let isNew = digests[key, default: []].insert(digest).inserted
            if !isNew { mails[index].oddities.insert(.duplicate) }
            if isNew && !isFirst { mails[index].oddities.insert(.sameIDOtherContent) }
        }
        let firsts = Dictionary(mails.map { ($0.key, $0.digest) }, uniquingKeysWith: { first, _ in first })
        for index in mails.indices where firsts[mails[index].key] != mails[index].digest {
            mails[index].key = Array("\(String(decoding: mails[index].key, as: UTF8.self))#\(mails[index].digest)".utf8)
        }
        return mails
    }

    /// Of the thread's first mail, so that importing the same maildir again gives the same.
    private static func threadID(_ head: Mail) -> [UInt8] {
        let id = Identifier.version5(
            namespace: .defaultNamespace, name: head.key + [0] + MailSubject.normalised(head.subject))
        return Array("mail-\(id)".utf8)
    }

    /// The second pass: the whole mail; nothing when the file has gone meanwhile.
    private func message(
        _ mail: Mail, thread: [UInt8]
    ) -> (imported: LegacyStore.Imported?, oddities: Set<MailOddity>) {
        guard let (bytes, _) = MaildirFiles.read(mail.file.path) else { return (nil, [.unreadable]) }
        let headers = MailHeaders(bytes[...])
        let parts = MailParts(headers, bytes[headers.bodyStart...])
        var oddities = parts.oddities
        var files = parts.attachments.prefix(Self.attachmentLimit - 1).map { file in
            LegacyAttachment(
                uri: Self.uri(mail.file.path, part: file.part),
                mediaType: MailSubject.cut(MailText.utf8(file.mediaType, charset: nil).text, to: 200),
                name: MailSubject.cut(file.name, to: 200), bytes: Int64(file.bytes))
        }
        let body = MailSubject.cut(parts.text, to: Self.bodyLimit)
        if body.count < parts.text.count || parts.attachments.count >= Self.attachmentLimit {
            oddities.insert(.cutBody)
            files.append(
                LegacyAttachment(
                    uri: Self.uri(mail.file.path, part: ""), mediaType: Array("message/rfc822".utf8),
                    name: Array("whole message".utf8), bytes: Int64(bytes.count)))
        }
        let draft = LegacyStore.Draft(
            sender: mail.sender, recipients: mail.recipients, subject: mail.subject, body: body,
            deduplicationKey: mail.key, inReplyTo: mail.inReplyTo, attachments: files, sentAt: mail.sentAt)
        return (LegacyStore.Imported(draft: draft, thread: thread, placement: placement(of: mail)), oddities)
    }

    private func placement(of mail: Mail) -> LegacyStore.Placement? {
        owner.map {
            LegacyStore.Placement(
                owner: $0, folder: mail.file.folder, isRead: mail.file.flags.contains("S"),
                isStarred: mail.file.flags.contains("F"), isDeleted: mail.file.flags.contains("T"))
        }
    }

    /// `maildir:PATH;part=N` with what a URI does not take percent-encoded.
    private static func uri(_ path: String, part: String) -> [UInt8] {
        var uri = Array("maildir:".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in path.utf8.suffix(600) {
            let isPlain = byte > 32 && byte < 127 && !"%;?#\"<>\\".utf8.contains(byte)
            if isPlain { uri.append(byte) } else { uri += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        }
        return part.isEmpty ? uri : uri + Array(";part=\(part)".utf8)
    }
}
