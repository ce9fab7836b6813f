import Messaging

/// The rows that the views must have.
extension ReferenceModel {
    /// Of the shared-content view, in the order of ``ViewLayouts/shared``.
    public var sharedRows: ViewRows {
        ViewRows([
            table(ViewLayouts.titledConversation) { id, one in
                let title = one.title
                return [
                    one.row(id) + [
                        Cell(title?.bytes), Cell(title?.author), Cell(title?.command), Cell(title?.ord),
                    ]
                ]
            },
            table(ViewLayouts.participant) { id, one in one.intervals.map { $0.row(id) } },
            table(ViewLayouts.message) { id, one in one.messages.map { $0.row(id) } },
            table(ViewLayouts.version) { id, one in one.messages.flatMap { $0.versionRows(id) } },
            table(ViewLayouts.reaction) { id, one in one.messages.flatMap { $0.reactionRows(id) } },
            table(ViewLayouts.judged) { id, one in one.judged.map { [Cell(id), Cell($0)] } },
            table(ViewLayouts.rejection) { id, one in one.rejections.map { $0.entry.rejectionRow(id, $0.reason) } },
            table(ViewLayouts.orphan) { id, one in one.waiting.map { $0.entry.orphanRow(id, $0.target) } },
        ])
    }

    private func table(
        _ layout: ViewLayout, _ rows: (ConversationID, ModelConversation) -> [[Cell]]
    ) -> ViewTable {
        ViewTable(layout, conversations.flatMap { rows($0.key, $0.value) })
    }

    /// Of the personal-metadata view, in the order of ``ViewLayouts/personal``.
    public var personalRows: ViewRows {
        let rows = personalConversations
        return ViewRows([
            table(ViewLayouts.conversation) { id, one in [one.row(id)] },
            table(ViewLayouts.participant) { id, one in one.intervals.map { $0.row(id) } },
            table(ViewLayouts.messageRef) { id, one in
                one.messages.map { [Cell(id), Cell($0.id), Cell($0.ord), Cell($0.sender), Cell($0.tombstone != nil)] }
            },
            table(ViewLayouts.judged) { id, one in one.judged.map { [Cell(id), Cell($0)] } },
            table(ViewLayouts.orphan) { id, one in one.waiting.map { $0.entry.orphanRow(id, $0.target) } },
            ViewTable(ViewLayouts.member, everybody.map(memberRow)),
            ViewTable(
                ViewLayouts.memberJudged,
                members.flatMap { id, member in
                    member.judged.filter { !$0.record.command.isRead }.map { [Cell(id), Cell($0.record.id)] }
                }),
            ViewTable(ViewLayouts.personalConversation, rows.map { $0.row.cells($0.member, $0.conversation) }),
            ViewTable(ViewLayouts.personalMessage, marks),
            ViewTable(ViewLayouts.personalOrphan, members.flatMap { orphans($0.key, $0.value) }),
            ViewTable(
                ViewLayouts.mailbox,
                rows.filter { $0.row.joined != nil && $0.row.placement == 0 }.map {
                    [Cell($0.member), Cell($0.conversation), Cell($0.row.activity), Cell($0.row.isArchived)]
                }),
            ViewTable(
                ViewLayouts.unread,
                rows.filter { $0.row.joined != nil }.map {
                    [Cell($0.member), Cell($0.conversation), Cell(Int64($0.row.unread))]
                }),
            ViewTable(ViewLayouts.missedByBadge, []),
        ])
    }

    /// Whoever is known: by a command of their own, or because somebody made them join.
    var everybody: Set<MemberID> {
        Set(members.keys).union(conversations.values.flatMap { $0.intervals.map(\.member) })
    }

    func everJoined(_ member: MemberID) -> Int {
        conversations.values.count { $0.intervals.contains { $0.member == member } }
    }

    private func memberRow(_ id: MemberID) -> [Cell] {
        let (member, joined) = (members[id], everJoined(id))
        return [
            Cell(id), Cell(member?.lastOrd ?? 0), Cell(Int64(member.map { waiting($0).count } ?? 0)), .int(0),
            Cell(Int64(joined)), Cell(joined > 128),
        ]
    }

    private var personalConversations: [(member: MemberID, conversation: ConversationID, row: ModelRow)] {
        var rows: [(MemberID, ConversationID, ModelRow)] = []
        let everywhere = Set(conversations.keys).union(
            members.values.flatMap { $0.judged.map(\.record.conversation) })
        // A legacy system's senders need not be anywhere else.
        let senders = conversations.values.flatMap { $0.messages.map(\.sender) }
        for member in everybody.union(senders) {
            let joined = everJoined(member)
            for conversation in everywhere {
                let row = ModelRow(
                    member, commands: members[member]?.commands(in: conversation) ?? [],
                    in: conversations[conversation], everJoined: joined)
                if row.exists { rows.append((member, conversation, row)) }
            }
        }
        return rows
    }

    private func waiting(_ member: ModelMember) -> [ModelMember.Entry] {
        member.judged.filter { entry in
            guard let target = entry.record.command.waitsFor else { return false }
            return conversations[entry.record.conversation]?.message(target.message) == nil
        }
    }

    private func orphans(_ id: MemberID, _ member: ModelMember) -> [[Cell]] {
        waiting(member).map { entry in
            [
                Cell(id), Cell(entry.registerOrd), Cell(entry.record.conversation),
                Cell(entry.record.command.waitsFor?.message),
                Cell(entry.record.id), Cell(entry.record.command.waitsFor?.effect),
            ]
        }
    }

    /// Every message that a member ever marked, or has a legacy copy of.
    private var marks: [[Cell]] {
        members.flatMap { id, member in
            Set(member.judged.map(\.record.conversation)).flatMap { conversation in
                ModelMarks.all(member.commands(in: conversation), conversations[conversation]).map { message, mark in
                    [
                        Cell(id), Cell(conversation), Cell(message), Cell(mark.star?.on ?? false),
                        Cell(mark.star?.at ?? 0), Cell(mark.hidden?.on ?? false), Cell(mark.hidden?.at ?? 0),
                        Cell(mark.flag.map { $0 ? 1 : 0 }), Cell(mark.flagged?.at ?? 0),
                    ]
                }
            }
        }
    }
}
