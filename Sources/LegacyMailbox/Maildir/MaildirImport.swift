import EventLog
import Messaging

/// Fills the legacy store from real mail: one thread a conversation, one copy a participant, and one more for each
/// further folder in which the maildir's owner keeps the mail. Nobody gets into a thread with a mail that they have no
/// copy of (``MailThreads``).
///
/// Runs twice over the files: headers first, so that threads are known, then the bodies, oldest first. Importing again
/// finds everything there. Memory: the headers, and one file at a time.
public struct MaildirImport: Sendable {
    /// Whose maildir it is: folders, and the flags seen, flagged and trashed, are this owner's. `nil`: nobody's.
    public var owner: [UInt8]?

    public init(owner: [UInt8]?) { self.owner = owner.map { Ascii.lowered($0) } }

    /// Bytes of a body, and of what is said of attachments, that a message keeps, escaped as in JSON: so that both fit
    /// into a message's content whatever their characters are.
    static let bodyLimit = 40 * 1024
    private static let attachmentBytes = 20 * 1024
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
        let groups = MailThreads.group(mails)
        var threads = ImportedThreads(known: try store.importedThreads(), mails, groups, owner: owner)
        var next = 0
        while next < mails.count, !isStopped() {
            let batch = next..<min(next + Self.batchMails, mails.count)
            let messages = batch.map { message(mails[$0], group: groups[$0], &threads) }
            var written = try store.take(messages.flatMap(\.imported))[...]
            for (index, message) in zip(batch, messages) {
                if !message.imported.isEmpty {
                    let rows = written.prefix(message.imported.count).reduce(0, +)
                    written = written.dropFirst(message.imported.count)
                    if rows > 0 { report.messages += 1 } else { report.known += 1 }
                }
                let all = mails[index].oddities.union(message.oddities)
                for oddity in all { report.oddities[oddity, default: 0] += 1 }
                if !all.isEmpty { try odd(MaildirFiles.text(mails[index].file.path), all.sorted()) }
            }
            next = batch.upperBound
        }
        report.threads = threads.count
        return report
    }

    /// The first pass: every mail's header, oldest first; copies are marked, and the same id with other content gets a
    /// key of its own.
    private func readHeaders(
        _ directory: String, _ store: LegacyStore, _ report: inout Report, _ odd: (String, [MailOddity]) throws -> Void
    ) throws -> [Mail] {
        var mails: [Mail] = []
        let now = store.clock.nowMicros()
        let listing = try MaildirFiles.list(directory)
        func leave(_ path: [UInt8], _ why: MailOddity) throws {
            report.oddities[why, default: 0] += 1
            try odd(MaildirFiles.text(path), [why])
        }
        for other in listing.others { try leave(other.path, other.why) }
        for file in listing.mails {
            report.files += 1
            guard !file.flags.contains(UInt8(ascii: "D")) else {
                try leave(file.path, .draft)
                continue
            }
            guard let (bytes, isCut) = MaildirFiles.read(file.path), !bytes.isEmpty else {
                try leave(file.path, .unreadable)
                continue
            }
            guard !Mbox.holdsSeveral(bytes) else {
                try leave(file.path, .mbox)
                continue
            }
            mails.append(Mail(file, bytes, isCut: isCut, now: now))
        }
        mails.sort {
            $0.sentAt == $1.sentAt
                ? $0.file.path.lexicographicallyPrecedes($1.file.path) : $0.sentAt < $1.sentAt
        }
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
        return Self.withFlagsOfAllFolders(mails)
    }

    /// A mail that lies in several folders is read and starred when it is in one of them, and trashed when it is in all: the
    /// copies of one message and owner agree.
    private static func withFlagsOfAllFolders(_ mails: [Mail]) -> [Mail] {
        let (seen, flagged, trashed) = (UInt8(ascii: "S"), UInt8(ascii: "F"), UInt8(ascii: "T"))
        var flags: [[UInt8]: Set<UInt8>] = [:]
        for mail in mails {
            let own = Set(mail.file.flags).intersection([seen, flagged, trashed])
            guard let others = flags[mail.key] else {
                flags[mail.key] = own
                continue
            }
            var all = others.union(own)
            if !others.contains(trashed) || !own.contains(trashed) { all.remove(trashed) }
            flags[mail.key] = all
        }
        return mails.map { mail in
            var mail = mail
            mail.file.flags = Array(flags[mail.key] ?? [])
            return mail
        }
    }

    /// The second pass: the whole mail, once for each thread it goes to; nothing when the file has gone meanwhile.
    private func message(
        _ mail: Mail, group: [UInt8], _ threads: inout ImportedThreads
    ) -> (imported: [LegacyStore.Imported], oddities: Set<MailOddity>) {
        guard let (bytes, _) = MaildirFiles.read(mail.file.path) else { return ([], [.unreadable]) }
        var (draft, oddities) = draft(mail, bytes)
        let deliveries = MailThreads.deliveries(of: mail, owner: owner)
        if deliveries.count > 1 || deliveries[0].recipients != mail.recipients { oddities.insert(.blindCopy) }
        let imported = deliveries.map { delivery in
            let thread = threads.thread(of: mail, group, delivery.people)
            draft.recipients = delivery.recipients
            let placement = placement(of: mail).flatMap { delivery.people.contains($0.owner) ? $0 : nil }
            return LegacyStore.Imported(draft: draft, thread: thread, placement: placement)
        }
        return (imported, oddities)
    }

    /// What the mail says, and what is odd about its body.
    private func draft(_ mail: Mail, _ bytes: [UInt8]) -> (LegacyStore.Draft, Set<MailOddity>) {
        let headers = MailHeaders(bytes[...])
        let parts = MailParts(headers, bytes[headers.bodyStart...])
        var oddities = parts.oddities
        var files = parts.attachments.prefix(Self.attachmentLimit - 1).map { file in
            LegacyAttachment(
                uri: Self.uri(mail.file.path, part: file.part),
                mediaType: MailSubject.cut(MailText.utf8(file.mediaType, charset: nil).text, to: 200),
                name: MailSubject.cut(file.name, to: 200), bytes: Int64(file.bytes))
        }
        var room = Self.attachmentBytes
        files = files.prefix { file in
            room -= 64 + [file.uri, file.mediaType, file.name].reduce(0) { $0 + MailSubject.escapedBytes($1) }
            return room >= 0
        }.map(\.self)
        let body = MailSubject.cut(parts.text, toEscaped: Self.bodyLimit)
        if body.count < parts.text.count || parts.attachments.count > files.count {
            oddities.insert(.cutBody)
            files.append(
                LegacyAttachment(
                    uri: Self.uri(mail.file.path, part: ""), mediaType: Array("message/rfc822".utf8),
                    name: Array("whole message".utf8), bytes: Int64(bytes.count)))
        }
        let draft = LegacyStore.Draft(
            sender: mail.sender, recipients: mail.recipients, subject: mail.subject, body: body,
            deduplicationKey: mail.key, inReplyTo: mail.inReplyTo, attachments: files, sentAt: mail.sentAt)
        return (draft, oddities)
    }

    private func placement(of mail: Mail) -> LegacyStore.Placement? {
        owner.map {
            LegacyStore.Placement(
                owner: $0, folder: mail.file.folder, isRead: mail.file.flags.contains(UInt8(ascii: "S")),
                isStarred: mail.file.flags.contains(UInt8(ascii: "F")),
                isDeleted: mail.file.flags.contains(UInt8(ascii: "T")))
        }
    }

    /// `maildir:PATH;part=N` with what a URI does not take percent-encoded.
    private static func uri(_ path: [UInt8], part: String) -> [UInt8] {
        var uri = Array("maildir:".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in path.suffix(600) {
            let isPlain = byte > 32 && byte < 127 && !"%;?#\"<>\\".utf8.contains(byte)
            if isPlain { uri.append(byte) } else { uri += [37, digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        }
        return part.isEmpty ? uri : uri + Array(";part=\(part)".utf8)
    }
}
