/// What can be odd about a mail. Nothing of it drops the mail; a report says what was done.
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
    /// Nobody but the sender.
    case noRecipients
    /// Bytes that are not of the character set named: shown as Western European, NUL removed.
    case charset
    /// A multipart body that does not end, or has no boundary: what is there is taken.
    case openMultipart
    /// A transfer encoding that is not known: taken as it is.
    case encoding
    /// Parts nested deeper, or more of them, than is read: the rest is left out.
    case tooDeep
    /// A body longer than a message may be: its beginning is kept, the whole is named as an attachment.
    case cutBody
    /// A file beyond 128 MiB: only its beginning is read.
    case cutFile
    /// A file that cannot be read, or is empty: no message.
    case unreadable

    public static func < (left: MailOddity, right: MailOddity) -> Bool { left.rawValue < right.rawValue }
}
