import EventLog
import Messaging
import PersonalMetadata
import Projection
import SharedContent
import ViewStorage

/// What a mailbox costs, whatever its size.
public enum MailboxBenchmark {
    static let conversations = 100_000
    static let big = 300
    static let few = 10
    /// Rows of the page: as many for both members, so that what is compared is the mailbox behind it.
    static let rows = 10
    private static let samples = 1_000

    /// `mailbox.page.100k`: the slowest of a hundred pages (p99) of ten rows with the badge, in milliseconds of store time:
    /// positions, rows, unread counts, sealed titles and badge, from both views. The member has 100,000 conversations of
    /// which 300 are big; every tenth has something unread. The floor is the same page of a member with 10
    /// conversations, in the same views, measured in turns.
    ///
    /// - Parameter directory: must exist; files are made in it and removed.
    public static func page100k(in directory: String, runs: Int = 5) throws -> Measurement {
        try withScratchDirectory(in: directory) { scratch in
            let log = InMemoryLog()
            let history = MailboxHistory()
            try history.append(to: log)
            let paths = ["shared", "personal"].map { "\(scratch)/\($0).sqlite" }
            try onThreads(2) { index in
                let store: any ViewStore =
                    index == 0
                    ? try SQLiteSharedContentStore(path: paths[0]) : try SQLitePersonalMetadataStore(path: paths[1])
                let owner = HostProcess.owner(tag: "bench\(index)")
                _ = try Projector(log: log, store: store, owner: owner).catchUp()
            }
            let pages = MailboxPages(
                shared: try SQLiteSharedContentQueries(path: paths[0]),
                personal: try SQLitePersonalMetadataQueries(path: paths[1]))
            try check(pages, history)
            return try measure(pages, history, runs: runs)
        }
    }

    private static func check(_ pages: MailboxPages, _ history: MailboxHistory) throws {
        for (member, badge) in [(history.owner, Limits.unreadCap), (history.other, few / 2)] {
            let (rows, found) = try pages.page(of: member, limit: rows)
            guard rows == self.rows, found == badge else {
                throw BenchmarkError("a page of \(rows) rows with badge \(found), not \(self.rows) with \(badge)")
            }
        }
    }

    private static func measure(
        _ pages: MailboxPages, _ history: MailboxHistory, runs: Int
    ) throws -> Measurement {
        var values: [Double] = []
        var floors: [Double] = []
        for _ in 0..<runs {
            var (large, small): ([Double], [Double]) = ([], [])
            for _ in 0..<samples {
                small.append(try pages.milliseconds(of: history.other, limit: rows))
                large.append(try pages.milliseconds(of: history.owner, limit: rows))
            }
            values.append(percentile99(large))
            floors.append(percentile99(small))
        }
        return Measurement(name: "mailbox.page.100k", unit: "ms", values: values, floors: floors)
    }

    private static func percentile99(_ samples: [Double]) -> Double { samples.sorted()[samples.count * 99 / 100] }
}

/// A page with its badge, as the read path asks the stores for it.
private struct MailboxPages {
    let shared: SQLiteSharedContentQueries
    let personal: SQLitePersonalMetadataQueries

    func page(of member: MemberID, limit: Int) throws -> (rows: Int, badge: Int) {
        try shared.read {
            try personal.read {
                _ = try shared.positions()
                _ = try personal.positions()
                let entries = try personal.mailbox(of: member, .unarchived, after: nil, limit: limit + 1)
                let badge = try personal.badge(of: member, cap: Limits.unreadCap)
                for entry in entries.prefix(limit) where entry.kind == .group {
                    guard try shared.title(of: entry.conversation) != nil else {
                        throw BenchmarkError("group \(entry.conversation) has no title")
                    }
                }
                return (min(entries.count, limit), badge)
            }
        }
    }

    func milliseconds(of member: MemberID, limit: Int) throws -> Double {
        let watch = Stopwatch()
        _ = try page(of: member, limit: limit)
        return watch.seconds * 1_000
    }
}

/// Two members: one with 100,000 conversations of which 300 are big, one with ten. Of the rest 70 % are direct, the others
/// groups of five.
private struct MailboxHistory {
    let owner = MemberID(Identifier(high: 1, low: 1))
    let other = MemberID(Identifier(high: 1, low: 2))

    private struct Thread {
        var id: ConversationID
        var reader: MemberID
        var writer: MemberID
        /// `nil`: direct.
        var group: [MemberID]?
        var isRead: Bool
    }

    func append(to log: any EventLog) throws {
        var random = SplitMix(state: 7)
        let people = (0..<2_000).map { _ in MemberID(random.identifier()) }
        var threads = (0..<MailboxBenchmark.conversations).map { index in
            thread(index, of: owner, isRead: index % 10 != 0, people, &random)
        }
        for index in 0..<MailboxBenchmark.few {
            threads.append(
                thread(MailboxBenchmark.big + index, of: other, isRead: index % 2 == 0, people, &random))
        }
        for index in threads.indices.reversed() where index > 0 { threads.swapAt(index, random.below(index + 1)) }
        var sink = RecordSink(log: log)
        for thread in threads {
            if let group = thread.group { try sink.add(create(thread, group, &random)) }
            let message = MessageID(random.identifier())
            try sink.add(send(message, thread, &random))
            guard thread.isRead else { continue }
            try sink.add(
                record(thread, thread.reader, .read(Read(upTo: .message(message), isPrivate: false)), &random))
        }
        try sink.flush()
    }

    private func thread(
        _ index: Int, of reader: MemberID, isRead: Bool, _ people: [MemberID], _ random: inout SplitMix
    ) -> Thread {
        let size = index < MailboxBenchmark.big ? 70 : index % 10 < 3 ? 5 : 2
        var others: Set<MemberID> = []
        while others.count < size - 1 { others.insert(people[random.below(people.count)]) }
        let sorted = others.sorted()
        return Thread(
            id: ConversationID(random.identifier()), reader: reader, writer: sorted[0],
            group: size == 2 ? nil : sorted + [reader], isRead: isRead)
    }

    private func create(_ thread: Thread, _ group: [MemberID], _ random: inout SplitMix) -> Record {
        record(
            thread, thread.writer,
            .createConversation(
                CreateConversation(participants: group, title: Sealed(random.bytes(120)), history: .fromJoin)), &random)
    }

    private func send(_ message: MessageID, _ thread: Thread, _ random: inout SplitMix) -> Record {
        let send = Send(
            message: message, clientToken: [], content: Sealed(random.bytes(200)),
            digest: PayloadDigest(random.identifier()), replyTo: nil, sentAt: nil,
            direct: thread.group == nil ? thread.reader : nil)
        return record(thread, thread.writer, .send(send), &random)
    }

    private func record(
        _ thread: Thread, _ actor: MemberID, _ command: Command, _ random: inout SplitMix
    ) -> Record {
        Record(id: CommandID(random.identifier()), actor: actor, conversation: thread.id, command: command)
    }
}
