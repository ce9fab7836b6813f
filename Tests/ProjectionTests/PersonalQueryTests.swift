import EventLog
import Messaging
import PersonalMetadata
import Simulation
import TestSupport
import Testing
import ViewStorage

/// What readers of the personal-metadata view are answered is what the model says, page by page.
@Suite struct PersonalQueryTests {
    @Test(arguments: StoreKind.available)
    func answersEqualTheModel(_ kind: StoreKind) throws {
        try kind.withPlace { place in
            try Rounds.run(kind.rounds(50), first: 11_000_000) { seed in try compare(seed, at: place, kind: nil) }
        }
    }

    @Test(arguments: StoreKind.available)
    func answersAboutLargeMailboxesAndBigConversationsEqualTheModel(_ kind: StoreKind) throws {
        try kind.withPlace { place in
            try Rounds.run(kind.rounds(6), first: 12_000_000) { seed in
                try compare(seed, at: place, kind: seed % 2 == 0 ? .crowded : .big)
            }
        }
    }

    private func compare(_ seed: UInt64, at place: ViewPlace, kind: HistoryGenerator.Kind?) throws {
        var dice = Dice(seed: seed)
        let history = HistoryGenerator.history(seed: seed, count: 120, kind: kind)
        let views = try Views.anew(at: place)
        for batch in batches(of: history.interleaved(using: &dice), using: &dice) {
            try views.apply(batch, to: views.personal)
        }
        let model = ReferenceModel(history.records)
        let queries = try place.personalQueries()
        try queries.read {
            let (members, conversations) = model.everybodyAndEverywhere
            for member in members.prefix(8) { try compare(member, queries, model, limit: 1 + dice.below(7)) }
            for conversation in conversations.prefix(5) { try compare(conversation, queries, model) }
        }
    }

    private func compare(
        _ member: MemberID, _ queries: any PersonalMetadataQueries, _ model: ReferenceModel, limit: Int
    ) throws {
        let lines = model.mailbox(of: member)
        let selections: [(MailboxRows, (ReferenceModel.MailboxLine) -> Bool)] = [
            (.all, { _ in true }), (.unarchived, { !$0.isArchived }), (.archived, { $0.isArchived }),
            (.unread, { $0.isUnread }),
        ]
        for (rows, isListed) in selections {
            let found = try mailbox(of: member, rows, queries, limit: limit)
            let expected = lines.filter(isListed)
            try require(
                found.map(\.conversation) == expected.map(\.conversation),
                "mailbox \(rows) of \(member): \(found.map(\.conversation)), not \(expected.map(\.conversation))")
            for (entry, line) in zip(found, expected) {
                let same =
                    entry.row.activity == line.activity && entry.row.isArchived == line.isArchived
                    && entry.row.isMuted == line.isMuted && entry.row.isMarkedUnread == line.isMarkedUnread
                    && entry.unread == UnreadCount(found: line.unread)
                try require(same, "mailbox of \(member): \(entry), not \(line)")
                let alone = try queries.row(of: ConversationMember(line.conversation, member))
                try require(alone == entry.row, "the row alone is \(String(describing: alone)), not \(entry.row)")
            }
        }
        let badge = try queries.badge(of: member, cap: 100)
        try require(
            badge == min(model.badge(of: member), 100), "badge of \(member): \(badge), not \(model.badge(of: member))")
        try compareStars(of: member, queries, model, limit: limit)
    }

    private func mailbox(
        of member: MemberID, _ rows: MailboxRows, _ queries: any PersonalMetadataQueries, limit: Int
    ) throws -> [MailboxEntry] {
        var found: [MailboxEntry] = []
        while true {
            let page = try queries.mailbox(of: member, rows, after: found.last?.place, limit: limit)
            try require(page.count <= limit, "\(page.count) entries, at most \(limit) asked for")
            found += page
            if page.count < limit { return found }
        }
    }

    private func compareStars(
        of member: MemberID, _ queries: any PersonalMetadataQueries, _ model: ReferenceModel, limit: Int
    ) throws {
        var found: [StarPlace] = []
        while true {
            let page = try queries.stars(of: member, after: found.last, limit: limit)
            found += page
            if page.count < limit { break }
        }
        let expected = model.stars(of: member).map { StarPlace(ord: $0.value, target: $0.key) }.sorted {
            ($1.ord, $0.target.message, $0.target.conversation) < ($0.ord, $1.target.message, $1.target.conversation)
        }
        try require(found == expected, "stars of \(member): \(found), not \(expected)")
    }

    private func compare(
        _ conversation: ConversationID, _ queries: any PersonalMetadataQueries, _ model: ReferenceModel
    ) throws {
        var found: [Receipt] = []
        while true {
            let page = try queries.receipts(of: conversation, after: found.last?.member, limit: 4)
            found += page
            if page.count < 4 { break }
        }
        let expected = model.receipts(of: conversation)
        try require(
            found.map(\.member) == expected.keys.sorted(), "receipts of \(conversation): \(found), not \(expected)")
        for receipt in found {
            try require(expected[receipt.member] == .some(receipt.readUpTo), "\(receipt), not \(expected)")
        }
    }
}

extension ViewPlace {
    /// Opens the personal view of a place that more than one can use.
    func personalQueries() throws -> any PersonalMetadataQueries {
        switch self {
        case .memory: throw TestFailure("nobody else can open a view in memory")
        case .directory(let directory): try SQLitePersonalMetadataQueries(path: "\(directory)/personal.db")
        case .postgres(let address): try PostgresPersonalMetadataQueries(address: address)
        }
    }
}
