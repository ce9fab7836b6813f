/// Which mails make a thread.
///
/// Mails that share a message id in `Message-ID`, `In-Reply-To` or `References` belong together when their normalised
/// subjects are the same (RFC 8621 section 3). A mail without references that has a subject also belongs to those
/// without references that have the same people and normalised subject.
///
/// Whoever was not told of a mail must not find it in a thread that they are in: a thread has the same people from its
/// first mail to its last. An answer to fewer or more people is a thread of its own (``Delivery``).
struct MailThreads {
    /// A mail as one group of people has it.
    struct Delivery {
        var recipients: [[UInt8]]
        /// The sender and the recipients, sorted.
        var people: [[UInt8]]

        init(_ sender: [UInt8], _ recipients: [[UInt8]]) {
            self.recipients = recipients
            people = Set([sender] + recipients).sorted { $0.lexicographicallyPrecedes($1) }
        }
    }

    private var parents: [[UInt8]: [UInt8]] = [:]

    /// Those whom a mail names together; each blind copy apart; the maildir's owner apart where the mail does not name
    /// them, since then they got it as a blind copy or through a list.
    static func deliveries(of mail: Mail, owner: [UInt8]?) -> [Delivery] {
        let named = Delivery(mail.sender, mail.recipients)
        var hidden = mail.blind
        if let owner, !named.people.contains(owner), !hidden.contains(owner) { hidden.append(owner) }
        let apart = hidden.map { Delivery(mail.sender, [$0]) }
        return mail.recipients.isEmpty && !apart.isEmpty ? apart : [named] + apart
    }

    /// - Returns: for each mail, the name of what it belongs to, whoever has it.
    static func group(_ mails: [Mail]) -> [[UInt8]] {
        var threads = MailThreads()
        let subjects = mails.map { MailSubject.normalised($0.subject) }
        for (mail, subject) in zip(mails, subjects) {
            for id in mail.references + (mail.inReplyTo.map { [$0] } ?? []) { threads.join(mail.key, id) }
            if mail.references.isEmpty, mail.inReplyTo == nil, !subject.isEmpty {
                threads.join(mail.key, threads.people(mail, subject))
            }
        }
        return mails.indices.map { threads.root(mails[$0].key) + [0] + subjects[$0] }
    }

    /// A name that no message id has.
    private func people(_ mail: Mail, _ subject: [UInt8]) -> [UInt8] {
        let names = ([mail.sender] + mail.recipients).sorted { $0.lexicographicallyPrecedes($1) }
        return [1] + names.joined(separator: [0]) + [1] + subject
    }

    private mutating func root(_ id: [UInt8]) -> [UInt8] {
        var top = id
        while let parent = parents[top] { top = parent }
        // Whoever is asked again finds the way shorter.
        var at = id
        while let parent = parents[at], parent != top {
            parents[at] = top
            at = parent
        }
        return top
    }

    private mutating func join(_ one: [UInt8], _ other: [UInt8]) {
        let (left, right) = (root(one), root(other))
        if left != right { parents[right] = left }
    }
}
