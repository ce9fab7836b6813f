/// What can be odd about a mail, or about something that lies where mails are. Every one is reported by the name of its
/// file; only what says so here is left out.
public enum MailOddity: String, Sendable, CaseIterable, Comparable {
    /// No `Message-ID`: the key is computed from the bytes.
    case missingMessageID
    /// The same `Message-ID` as another mail with other content: kept as a message of its own.
    case sameIDOtherContent
    /// The same mail again: one message; another folder of the owner gets a copy.
    case duplicate
    /// No date, or none that can be read, or one in the future: that of the last server, or the file's, is
    /// taken.
    case date
    /// No `From` that is an address: `Sender` or `Return-Path` is taken, else `unknown@missing.invalid`.
    case sender
    /// An entry of a recipients' list that is no address: left out of the participants.
    case recipient
    /// No header, or a line in it that is no field: the text begins there.
    case header
    /// Nobody but the sender.
    case noRecipients
    /// Bytes that are not of the character set named: shown as Western European, NUL removed.
    case charset
    /// A multipart body that does not end, or has no boundary: what is there is taken.
    case openMultipart
    /// A transfer encoding that is not known: taken as it is.
    case encoding
    /// Parts, or directories, nested deeper, or more of them, than is read: the rest is left out.
    case tooDeep
    /// A body longer than a message may be: its beginning is kept, the whole is named as an attachment.
    case cutBody
    /// A file beyond 128 MiB: only its beginning is read.
    case cutFile
    /// A file or directory that cannot be read, or a file that is empty: no message.
    case unreadable
    /// Flagged as a draft: it was never sent, so nobody but its author knows it. No message.
    case draft
    /// Sent to somebody whom the others were not told of: each of those has a thread with the sender alone.
    case blindCopy
    /// An mbox, several mails in one file: no message. Make a maildir of it and import that.
    case mbox
    /// No mail: a file beside `cur` and `new` or in `tmp`, a hidden file, a link to nowhere, a directory in `cur`, a device.
    case notMail
    /// A directory that was entered already, by another name: its mails are not taken twice.
    case loop

    public static func < (left: MailOddity, right: MailOddity) -> Bool { left.rawValue < right.rawValue }
}
