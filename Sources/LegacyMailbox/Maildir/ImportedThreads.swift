import Messaging

/// Which thread a mail goes to: the one where it is already, with these people; else that of its group; else a new one, named
/// by the group's first mail and its people. So importing again, or another maildir, doubles nothing.
struct ImportedThreads {
    private let known: [[UInt8]: [UInt8]]
    /// By group and people.
    private var heads: [[UInt8]: [UInt8]] = [:]
    private var used: Set<[UInt8]> = []

    /// - Parameters:
    ///   - known: what the store has, see `LegacyStore/importedThreads()`.
    ///   - groups: of each mail.
    init(known: [[UInt8]: [UInt8]], _ mails: [Mail], _ groups: [[UInt8]], owner: [UInt8]?) {
        self.known = known
        guard !known.isEmpty else { return }
        for (mail, group) in zip(mails, groups) {
            for people in MailThreads.deliveries(of: mail, owner: owner).map(\.people) {
                let name = Self.name(group, people)
                if heads[name] == nil { heads[name] = known[Self.name(mail.key, people)] }
            }
        }
    }

    /// How many there were so far.
    var count: Int { used.count }

    mutating func thread(of mail: Mail, _ group: [UInt8], _ people: [[UInt8]]) -> [UInt8] {
        let name = Self.name(group, people)
        let thread = known[Self.name(mail.key, people)] ?? heads[name] ?? Self.new(mail, people)
        if heads[name] == nil { heads[name] = thread }
        used.insert(thread)
        return thread
    }

    /// A message or a group, as these people have it.
    static func name(_ key: [UInt8], _ people: [[UInt8]]) -> [UInt8] {
        key + [0] + Array(people.joined(separator: [0]))
    }

    private static func new(_ head: Mail, _ people: [[UInt8]]) -> [UInt8] {
        let name = name(head.key + [0] + MailSubject.normalised(head.subject), people)
        return Array(
            "\(LegacyStore.importedPrefix)\(Identifier.version5(namespace: .defaultNamespace, name: name))".utf8)
    }
}
