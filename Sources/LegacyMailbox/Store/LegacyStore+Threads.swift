/// What people do to whole threads. As for messages: one transaction each, and nothing written when nothing changes.
extension LegacyStore {
    /// Moves one person's thread, and all their copies in it, to a folder.
    public func move(thread: [UInt8], owner: [UInt8], folder: [UInt8]) throws -> [LegacyWrite] {
        try LegacyText.check(names: [folder])
        return try change(thread) { change in
            guard var row = try participants(thread).first(where: { $0.owner == owner }) else {
                throw LegacyError(.notFound, "no such thread, or nobody of that name in it")
            }
            for var copy in try copies(thread, owner: owner) where copy.folder != folder {
                copy.folder = folder
                change.write(.update, .copy(copy))
            }
            guard row.folder != folder else { return }
            row.folder = folder
            change.write(.update, .participant(row))
        }
    }

    /// Gives a thread another title; the messages keep the subjects they were sent with.
    public func rename(thread: [UInt8], subject: [UInt8]) throws -> [LegacyWrite] {
        try LegacyText.check(texts: [subject])
        return try change(thread) { change in
            var row = try existing(thread)
            guard row.subject != subject else { return }
            row.subject = subject
            change.write(.update, .thread(row))
        }
    }

    /// Brings people into a thread; they get no copies of what was sent before.
    public func add(thread: [UInt8], owners: [[UInt8]]) throws -> [LegacyWrite] {
        try LegacyText.check(names: owners)
        return try change(thread) { change in
            _ = try existing(thread)
            let known = try participants(thread)
            var seen = Set<[UInt8]>()
            for owner in owners where seen.insert(owner).inserted {
                let old = known.first { $0.owner == owner }
                if let old, old.leftAt == nil { continue }
                let row = LegacyParticipant(
                    thread: thread, owner: owner, joinedAt: change.now, leftAt: nil, folder: LegacyFolder.inbox)
                change.write(old == nil ? .insert : .update, .participant(row))
            }
        }
    }

    /// Takes somebody out of a thread; their copies stay theirs.
    public func remove(thread: [UInt8], owner: [UInt8]) throws -> [LegacyWrite] {
        try change(thread) { change in
            guard var row = try participants(thread).first(where: { $0.owner == owner }) else {
                throw LegacyError(.notFound, "no such thread, or nobody of that name in it")
            }
            guard row.leftAt == nil else { return }
            row.leftAt = change.now
            change.write(.update, .participant(row))
        }
    }

    private func existing(_ thread: [UInt8]) throws -> LegacyThread {
        guard let row = try self.thread(thread) else { throw LegacyError(.notFound, "no such thread") }
        return row
    }
}
