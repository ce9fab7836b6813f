import Messaging

/// The personal fold in memory, from nothing: everything it names is absent at first and stays within one batch.
struct Desk {
    var fold = PersonalFold()
    private(set) var now: Int64 = 1_000
    private var records: Int64 = 0

    /// One room in which these are.
    init(_ members: MemberID..., history: History = .fromJoin) {
        let create = CreateConversation(participants: Array(members.dropFirst()), title: nil, history: history)
        if let first = members.first { did(first, .createConversation(create)) }
    }

    @discardableResult
    mutating func did(
        _ actor: MemberID, _ what: Command, id: CommandID? = nil, in conversation: ConversationID = room,
        at time: Int64? = nil
    ) -> Outcome {
        apply(actor, what, id, conversation, version: nil, at: time)
    }

    /// Applies what a legacy system says, as one of its writes did.
    @discardableResult
    mutating func legacy(_ actor: MemberID, _ what: Command, version: Int64) -> Outcome {
        apply(actor, what, nil, room, version: version, at: nil)
    }

    private mutating func apply(
        _ actor: MemberID, _ what: Command, _ id: CommandID?, _ conversation: ConversationID, version: Int64?,
        at time: Int64?
    ) -> Outcome {
        now = time ?? now + 10
        records += 1
        let record = Record(
            id: id ?? command(1_000 + UInt64(records)), actor: actor, conversation: conversation, command: what,
            origin: version == nil ? .native : .legacy, sourceVersion: version)
        var needs = PersonalNeeds()
        needs.add(record)
        fold.loadConversations { fold in
            for key in fold.staysToLoad(for: needs.conversations) { fold.load(key, intervals: fold.known(key)) }
        }
        for id in fold.participantsToLoad(for: needs) { fold.load(id, participants: []) }
        for id in fold.membersToLoad(for: needs) {
            fold.load(id, nil)
            fold.load(id, mailbox: [])
        }
        for key in fold.rowsToLoad(after: needs) { fold.load(key, nil) }
        return fold.apply(LoggedRecord(record: record, partition: 0, offset: records - 1, appendTime: now))
    }

    func row(_ member: MemberID, in conversation: ConversationID = room) -> PersonalRow {
        var found = PersonalRow()
        fold.forEachRow { key, row, _ in if key == ConversationMember(conversation, member) { found = row } }
        return found
    }

    /// The row as readers see it.
    func merged(_ member: MemberID) -> PersonalRow {
        row(member).merged(lastSend: fold.conversations.row(of: room)?.lastSend ?? 0)
    }

    func member(_ id: MemberID) -> MemberRow {
        var found = MemberRow()
        fold.forEachMember { member, row in if member == id { found = row } }
        return found
    }

    func mark(_ member: MemberID, _ number: UInt64) -> PersonalMessageRow? {
        var found: PersonalMessageRow?
        fold.forEachMark { key, row in
            if key == PersonalMessageKey(member, ConversationMessage(room, message(number))) { found = row }
        }
        return found
    }

    /// How many personal commands wait, as they would be stored.
    var waiting: Int {
        var count = 0
        fold.forEachNewWaiting { _, _ in count += 1 }
        return count
    }
}
