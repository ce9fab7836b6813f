public import Messaging

/// What is known of the sealed part of a record, its content or its title.
public enum Opened: Sendable {
    /// Not opened: the line shows `null`.
    case no
    /// The bytes that were sealed: a content's canonical JSON, or a title's text.
    case plain([UInt8])
    /// The key is gone: the line shows `null` and says `"erased":true`.
    case erased
}

/// A record of the log as one line of JSON, without the line feed (INTERFACE, "Reading", `log`).
public enum LogLine {
    /// Writes `{"position":..,"appendTime":..,"origin":..,"verdicts":[..],"record":{..}}`.
    ///
    /// The record has the fields of the command's JSON form, all of them, `null` without a value, so that an opened line's
    /// record can be appended again. A command that seals nothing shows the same whatever `opened` says.
    /// - Parameters:
    ///   - position: topic, partition and offset as `conversation-commands/3@1024`.
    ///   - appendTime: microseconds since 1970 by the log's clock.
    /// - Throws: `notCanonical` or `notText` when the opened bytes are not what a member's command can hold; the writer
    ///   is unchanged then.
    public static func write(
        _ record: Record, position: [UInt8], appendTime: Int64, opened: Opened, to writer: inout JSONWriter
    ) throws(WireError) {
        try check(opened, of: record.command)
        writer.beginObject()
        writer.field("position", text: position)
        writer.key("appendTime")
        writer.int(appendTime)
        writer.key("origin")
        writer.word(record.origin == .native ? "native" : "legacy")
        record.writeLegacyFields(to: &writer)
        writer.key("verdicts")
        writer.beginArray()
        for verdict in record.verdicts { verdict.write(to: &writer) }
        writer.endArray()
        writer.key("record")
        record.write(opened, to: &writer)
        writer.endObject()
    }

    private static func check(_ opened: Opened, of command: Command) throws(WireError) {
        guard case .plain(let bytes) = opened else { return }
        switch command {
        case .send, .edit: _ = try Content(canonicalJSON: bytes)
        default:
            guard bytes.withUnsafeBytes({ UTF8Check.firstFault(in: $0) }) == nil else {
                throw WireError(.notText, "a title that was opened is not UTF-8")
            }
        }
    }
}

extension HookVerdict {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("hook", text: hook)
        writer.field("version", text: version)
        writer.key("decision")
        switch decision {
        case .allowed: writer.word("allowed")
        case .replaced: writer.word("replaced")
        case .held: writer.word("held")
        }
        writer.key("durationMicros")
        writer.int(durationMicros)
        writer.endObject()
    }
}

extension Record {
    fileprivate func write(_ opened: Opened, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.key("command")
        writer.string(command.name)
        writer.field("actor", actor)
        writer.field("conversation", conversation)
        command.writeFields(opened, to: &writer)
        writer.endObject()
    }
}

extension Command {
    fileprivate func writeFields(_ opened: Opened, to writer: inout JSONWriter) {
        switch self {
        case .createConversation(let create):
            writer.field("participants", ids: create.participants)
            writer.sealed("title", create.title == nil ? .no : opened, isContent: false)
            writer.history(create.history)
            writer.erasure(create.title == nil ? .no : opened)
        case .send(let send): send.writeFields(opened, to: &writer)
        case .edit(let edit):
            writer.field("message", edit.message)
            writer.sealed("content", opened, isContent: true)
            writer.field("expectedVersion", edit.expectedVersion, absent: .null)
            writer.erasure(opened)
        case .delete(let delete): writer.fields(of: delete, absent: .null)
        case .react(let react): writer.fields(of: react)
        case .addParticipants(let add): writer.field("members", ids: add.members)
        case .removeParticipant(let remove): writer.field("member", remove.member)
        case .setModerator(let set): writer.fields(of: set)
        case .rename:
            writer.sealed("title", opened, isContent: false)
            writer.erasure(opened)
        case .close(let close): writer.field("on", close.on)
        case .stay(let stay): stay.writeFields(to: &writer)
        case .read(let read): writer.fields(of: read, absent: .null)
        case .markUnread: break
        case .star(let mark), .hide(let mark): writer.fields(of: mark)
        case .archive(let archive): writer.fields(of: archive, absent: .null)
        case .mute(let mute): writer.field("on", mute.on)
        case .copyState(let state): state.writeFields(to: &writer)
        }
    }
}

extension Record {
    /// What only replicated records have stands beside the record, which keeps the fields of the command's JSON form.
    fileprivate func writeLegacyFields(to writer: inout JSONWriter) {
        guard origin == .legacy else { return }
        writer.field("sourceVersion", int: sourceVersion)
        switch command {
        case .send(let send): writer.field("legacyOrd", int: send.legacyOrd)
        case .edit(let edit): writer.field("legacyOrd", int: edit.legacy?.ord)
        default: break
        }
    }
}

extension Stay {
    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("member", member)
        writer.field("joined", int: joined)
        writer.field("left", int: left)
    }
}

extension CopyState {
    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("message", message)
        writer.field("ord", int: ord)
        writer.key("read")
        if let isRead { writer.bool(isRead) } else { writer.null() }
        writer.field("starred", isStarred)
        writer.field("hidden", isHidden)
    }
}

extension Send {
    fileprivate func writeFields(_ opened: Opened, to writer: inout JSONWriter) {
        if let direct { writer.field("to", direct) }
        writer.field("clientToken", text: clientToken)
        writer.field("message", message)
        writer.sealed("content", opened, isContent: true)
        writer.field("replyTo", replyTo, absent: .null)
        writer.field("sentAt", text: sentAt, absent: .null)
        writer.erasure(opened)
    }
}

extension JSONWriter {
    fileprivate mutating func sealed(_ name: StaticString, _ opened: Opened, isContent: Bool) {
        key(name)
        switch opened {
        case .no, .erased: null()
        case .plain(let bytes): if isContent { raw(bytes) } else { string(bytes) }
        }
    }

    fileprivate mutating func erasure(_ opened: Opened) {
        if case .erased = opened { field("erased", true) }
    }
}
