/// Which mails make a thread.
///
/// Mails that share a message id in `Message-ID`, `In-Reply-To` or `References` belong together when their normalised
/// subjects are the same (RFC 8621 section 3). A mail without references that has a subject also belongs to those
/// without references that have the same people and normalised subject.
struct MailThreads {
    private var parents: [[UInt8]: [UInt8]] = [:]

    /// - Returns: for each mail, the number of the first mail of its thread.
    static func group(_ mails: [Mail]) -> [Int] {
        var threads = MailThreads()
        let subjects = mails.map { MailSubject.normalised($0.subject) }
        for (mail, subject) in zip(mails, subjects) {
            for id in mail.references + (mail.inReplyTo.map { [$0] } ?? []) { threads.join(mail.key, id) }
            if mail.references.isEmpty, mail.inReplyTo == nil, !subject.isEmpty {
                threads.join(mail.key, threads.people(mail, subject))
            }
        }
        var firsts: [[UInt8]: Int] = [:]
        return mails.indices.map { index in
            let name = threads.root(mails[index].key) + [0] + subjects[index]
            if let first = firsts[name] { return first }
            firsts[name] = index
            return index
        }
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
