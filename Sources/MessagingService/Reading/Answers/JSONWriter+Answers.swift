public import EventLog
import Messaging
public import Wire

/// Fields of answers; every one is always there, `null` when it has no value.
extension JSONWriter {
    mutating func field<Kind>(_ name: StaticString, _ value: ID<Kind>?) {
        key(name)
        if let value { id(value) } else { null() }
    }

    mutating func field(_ name: StaticString, _ value: Int64?) {
        key(name)
        if let value { int(value) } else { null() }
    }

    mutating func field(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    mutating func field(_ name: StaticString, text: [UInt8]?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    mutating func field(_ name: StaticString, word value: StaticString) {
        key(name)
        word(value)
    }

    mutating func field(_ name: StaticString, _ value: PageToken?) {
        key(name)
        if let value { string(value.description) } else { null() }
    }

    mutating func field(_ name: StaticString, _ value: PositionToken) {
        key(name)
        string(value.description)
    }

    /// The last line of a list.
    public mutating func endOfList(next: PageToken?, token: PositionToken) {
        beginObject()
        field("next", next)
        field("token", token)
        endObject()
    }
}
