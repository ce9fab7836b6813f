import Messaging

/// What stands where an optional field has no value.
enum AbsentField {
    /// `null`, as in what Parley prints: every named field is always there.
    case null
    /// Nothing, as in what a producer writes.
    case omitted
}

// Fields of a command: a name with its value.

extension JSONWriter {
    mutating func field<Kind>(_ name: StaticString, _ value: ID<Kind>) {
        key(name)
        id(value)
    }

    mutating func field(_ name: StaticString, text: [UInt8]) {
        key(name)
        string(text)
    }

    mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// `null` without a value.
    mutating func field(_ name: StaticString, int value: Int64?) {
        key(name)
        if let value { int(value) } else { null() }
    }

    mutating func field(_ name: StaticString, ids: [MemberID]) {
        key(name)
        beginArray()
        for value in ids { id(value) }
        endArray()
    }

    mutating func field<Kind>(_ name: StaticString, _ value: ID<Kind>?, absent: AbsentField) {
        if let value { field(name, value) } else { noValue(name, absent) }
    }

    mutating func field(_ name: StaticString, text: [UInt8]?, absent: AbsentField) {
        if let text { field(name, text: text) } else { noValue(name, absent) }
    }

    mutating func noValue(_ name: StaticString, _ absent: AbsentField) {
        guard absent == .null else { return }
        key(name)
        null()
    }
}

// What commands have that are the same before and after admission.

extension JSONWriter {
    mutating func fields(of create: CreateRequest, absent: AbsentField) {
        field("participants", ids: create.participants)
        field("title", text: create.title, absent: absent)
        history(create.history)
    }

    mutating func history(_ history: History) {
        key("history")
        word(history == .all ? "all" : "fromJoin")
    }

    mutating func fields(of delete: Delete, absent: AbsentField) {
        field("message", delete.message)
        field("reason", text: delete.reason, absent: absent)
        field("version", delete.version, absent: absent)
    }

    mutating func fields(of react: React) {
        field("message", react.message)
        field("reaction", text: react.reaction)
        field("on", react.on)
    }

    mutating func fields(of set: SetModerator) {
        field("member", set.member)
        field("on", set.on)
    }

    mutating func fields(of mark: Mark) {
        field("message", mark.message)
        field("on", mark.on)
    }

    mutating func fields(of read: Read, absent: AbsentField) {
        upTo(read.upTo, absent: absent)
        field("private", read.isPrivate)
    }

    mutating func fields(of archive: Archive, absent: AbsentField) {
        field("on", archive.upTo != nil)
        upTo(archive.upTo, absent: absent)
    }

    private mutating func upTo(_ upTo: UpTo?, absent: AbsentField) {
        var ord: Int64?
        var message: MessageID?
        switch upTo {
        case .ord(let value): ord = value
        case .message(let value): message = value
        case nil: break
        }
        if let ord {
            key("upTo")
            int(ord)
        } else {
            noValue("upTo", absent)
        }
        field("upToMessage", message, absent: absent)
    }
}
