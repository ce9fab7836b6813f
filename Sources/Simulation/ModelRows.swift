import Messaging

extension ModelConversation {
    func row(_ id: ConversationID) -> [Cell] {
        [
            Cell(id), Cell(lastOrd), Cell(isGroup.map { $0 ? 1 : 2 }), Cell(showsAll), Cell(isClosed),
            Cell(Int64(inside.count)), Cell(Int64(waiting.count)), Cell(messages.map(\.ord).max() ?? 0), Cell(isBig),
        ]
    }
}

extension ModelConversation.Interval {
    func row(_ id: ConversationID) -> [Cell] {
        [Cell(id), Cell(member), Cell(joined), Cell(left), Cell(isModerator)]
    }
}

extension ModelConversation.Entry {
    func rejectionRow(_ id: ConversationID, _ reason: String) -> [Cell] {
        let number = ReferenceModel.reasons.firstIndex(of: reason).map { Int64($0 + 1) }
        return [
            Cell(Int64(logged.partition)), Cell(logged.offset), Cell(id), Cell(logged.record.id), Cell(ord),
            Cell(actor),
            Cell(Array(logged.record.command.name.utf8)), Cell(number),
        ]
    }

    func orphanRow(_ id: ConversationID, _ target: MessageID) -> [Cell] {
        [
            Cell(id), Cell(target), Cell(ord), Cell(Int64(logged.partition)), Cell(logged.offset),
            Cell(logged.appendTime), Cell(isInside), Cell(isModerator),
        ]
    }
}

extension ModelConversation.Message {
    /// Rule 7: of a deleted message neither content nor a current version is left; a withdrawn one's content is gone.
    func row(_ conversation: ConversationID) -> [Cell] {
        let original = versions[0]
        let isGone = tombstone != nil || original.isWithdrawn
        return [
            Cell(conversation), Cell(id), Cell(ord), Cell(sender), Cell(original.id), Cell(current?.id),
            Cell(original.isWithdrawn), .id(send.digest.value),
            Cell(Int64(bitPattern: send.content.keyGenerations)), Cell(send.replyTo), Cell(send.sentAt),
            Cell(tombstone?.by), Cell(tombstone?.ord), Cell(tombstone?.reason), Cell(isGone ? nil : original.content),
        ]
    }

    func versionRows(_ conversation: ConversationID) -> [[Cell]] {
        versions.dropFirst().map { version in
            [
                Cell(conversation), Cell(id), Cell(version.ord), Cell(version.id), Cell(version.isWithdrawn),
                Cell(Int64(bitPattern: Sealed(version.content).keyGenerations)),
                Cell(tombstone != nil || version.isWithdrawn ? nil : version.content),
            ]
        }
    }

    func reactionRows(_ conversation: ConversationID) -> [[Cell]] {
        reactions.map {
            [Cell(conversation), Cell(id), Cell($0.reaction), Cell($0.member), Cell($0.on), Cell($0.ord)]
        }
    }
}

extension ModelRow {
    func cells(_ member: MemberID, _ conversation: ConversationID) -> [Cell] {
        [
            Cell(member), Cell(conversation), Cell(readPrivate), Cell(readPublic), Cell(ownLast), Cell(lastRead),
            Cell(lastReadID), Cell(marked), Cell(isMuted), Cell(mutedOrd), Cell(archivedUpTo), Cell(archivedOrd),
            Cell(joined), Cell(left), Cell(lastSeenSend), Cell(placement), Cell(unreadFlags),
        ]
    }
}
