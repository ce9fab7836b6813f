// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct Record {
        enum Command {
            case createConversation(ParleyV1.CreateConversation)
            case send(ParleyV1.Send)
            case edit(ParleyV1.Edit)
            case delete(ParleyV1.Delete)
            case react(ParleyV1.React)
            case addParticipants(ParleyV1.AddParticipants)
            case removeParticipant(ParleyV1.RemoveParticipant)
            case setModerator(ParleyV1.SetModerator)
            case rename(ParleyV1.Rename)
            case close(ParleyV1.Close)
            case stay(ParleyV1.Stay)
            case read(ParleyV1.Read)
            case markUnread(ParleyV1.MarkUnread)
            case star(ParleyV1.Mark)
            case hide(ParleyV1.Mark)
            case archive(ParleyV1.Archive)
            case mute(ParleyV1.Mute)
            case copyState(ParleyV1.CopyState)
        }

        var formatVersion: UInt32 = 0
        var id: CommandID?
        var actor: MemberID?
        var conversation: ConversationID?
        var origin: ParleyV1.Origin = .native
        var sourceVersion: Int64?
        var verdicts: [ParleyV1.HookVerdict] = []
        var traceParent: [UInt8]?
        var command: Command?
        /// The number of a kind that this version does not know.
        var unknownCommand: UInt32?

        init() {}
    }
}

extension ParleyV1.Record {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 8:  // format_version
                let value = try reader.varint("Record.format_version")
                guard value <= UInt64(UInt32.max) else { throw ProtobufFault(.varintOverflow, "Record.format_version") }
                formatVersion = UInt32(truncatingIfNeeded: value)
            case 18:  // id
                id = CommandID(try reader.identifier("Record.id"))
            case 26:  // actor
                actor = MemberID(try reader.identifier("Record.actor"))
            case 34:  // conversation
                conversation = ConversationID(try reader.identifier("Record.conversation"))
            case 40:  // origin
                guard let value = ParleyV1.Origin(rawValue: try reader.varint("Record.origin")) else {
                    throw ProtobufFault(.unknownEnumValue, "Record.origin")
                }
                origin = value
            case 48:  // source_version
                sourceVersion = Int64(bitPattern: try reader.varint("Record.source_version"))
            case 58:  // verdicts
                guard verdicts.count < 64 else { throw ProtobufFault(.tooMany, "Record.verdicts") }
                verdicts.append(try ParleyV1.HookVerdict(try reader.nested("Record.verdicts")))
            case 66:  // trace_parent
                traceParent = try reader.text("Record.trace_parent")
            case 130:  // create_conversation
                command = .createConversation(try ParleyV1.CreateConversation(try reader.nested("Record.create_conversation")))
            case 138:  // send
                command = .send(try ParleyV1.Send(try reader.nested("Record.send")))
            case 146:  // edit
                command = .edit(try ParleyV1.Edit(try reader.nested("Record.edit")))
            case 154:  // delete
                command = .delete(try ParleyV1.Delete(try reader.nested("Record.delete")))
            case 162:  // react
                command = .react(try ParleyV1.React(try reader.nested("Record.react")))
            case 170:  // add_participants
                command = .addParticipants(try ParleyV1.AddParticipants(try reader.nested("Record.add_participants")))
            case 178:  // remove_participant
                command = .removeParticipant(try ParleyV1.RemoveParticipant(try reader.nested("Record.remove_participant")))
            case 186:  // set_moderator
                command = .setModerator(try ParleyV1.SetModerator(try reader.nested("Record.set_moderator")))
            case 194:  // rename
                command = .rename(try ParleyV1.Rename(try reader.nested("Record.rename")))
            case 202:  // close
                command = .close(try ParleyV1.Close(try reader.nested("Record.close")))
            case 210:  // stay
                command = .stay(try ParleyV1.Stay(try reader.nested("Record.stay")))
            case 386:  // read
                command = .read(try ParleyV1.Read(try reader.nested("Record.read")))
            case 394:  // mark_unread
                command = .markUnread(try ParleyV1.MarkUnread(try reader.nested("Record.mark_unread")))
            case 402:  // star
                command = .star(try ParleyV1.Mark(try reader.nested("Record.star")))
            case 410:  // hide
                command = .hide(try ParleyV1.Mark(try reader.nested("Record.hide")))
            case 418:  // archive
                command = .archive(try ParleyV1.Archive(try reader.nested("Record.archive")))
            case 426:  // mute
                command = .mute(try ParleyV1.Mute(try reader.nested("Record.mute")))
            case 434:  // copy_state
                command = .copyState(try ParleyV1.CopyState(try reader.nested("Record.copy_state")))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 48, 49, 50, 51, 52, 53, 54:
                    throw ProtobufFault(.wrongWireType, "Record")
                case 16...95:
                    unknownCommand = tag >> 3
                    try reader.skip(tag)
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Record {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if formatVersion != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(formatVersion))
        }
        if id != nil {
            size += 18
        }
        if actor != nil {
            size += 18
        }
        if conversation != nil {
            size += 18
        }
        if origin.rawValue != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: origin.rawValue)
        }
        if let value = sourceVersion {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        }
        for value in verdicts {
            size += 1 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        }
        if let value = traceParent {
            size += 1 + ProtobufWriter.size(ofDelimited: value.count)
        }
        switch command {
        case .createConversation(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .send(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .edit(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .delete(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .react(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .addParticipants(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .removeParticipant(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .setModerator(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .rename(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .close(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .stay(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .read(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .markUnread(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .star(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .hide(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .archive(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .mute(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .copyState(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case nil: break
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if formatVersion != 0 {
            writer.varint(tag: 8, UInt64(formatVersion))
        }
        if let value = id {
            writer.identifier(tag: 18, value.value)
        }
        if let value = actor {
            writer.identifier(tag: 26, value.value)
        }
        if let value = conversation {
            writer.identifier(tag: 34, value.value)
        }
        if origin.rawValue != 0 {
            writer.varint(tag: 40, origin.rawValue)
        }
        if let value = sourceVersion {
            writer.varint(tag: 48, UInt64(bitPattern: value))
        }
        for value in verdicts {
            writer.varint(tag: 58, UInt64(value.encodedSize))
            value.encode(into: &writer)
        }
        if let value = traceParent {
            writer.bytes(tag: 66, value)
        }
        switch command {
        case .createConversation(let value):
            writer.varint(tag: 130, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .send(let value):
            writer.varint(tag: 138, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .edit(let value):
            writer.varint(tag: 146, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .delete(let value):
            writer.varint(tag: 154, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .react(let value):
            writer.varint(tag: 162, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .addParticipants(let value):
            writer.varint(tag: 170, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .removeParticipant(let value):
            writer.varint(tag: 178, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .setModerator(let value):
            writer.varint(tag: 186, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .rename(let value):
            writer.varint(tag: 194, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .close(let value):
            writer.varint(tag: 202, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .stay(let value):
            writer.varint(tag: 210, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .read(let value):
            writer.varint(tag: 386, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .markUnread(let value):
            writer.varint(tag: 394, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .star(let value):
            writer.varint(tag: 402, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .hide(let value):
            writer.varint(tag: 410, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .archive(let value):
            writer.varint(tag: 418, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .mute(let value):
            writer.varint(tag: 426, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .copyState(let value):
            writer.varint(tag: 434, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case nil: break
        }
    }
}
