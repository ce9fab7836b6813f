/// A read as later or earlier flags of legacy copies need it: given at a member ord, up to an ord of the conversation.
///
/// A read overrules the flag of a copy when it is later than the flag and reaches the message (rule 22). Of all reads only
/// those count that no other one excels in both. That is mostly one, the last, which ``PersonalRow`` tells anyway.
public struct ReadReach: Hashable, Sendable {
    public var memberOrd: Int64
    public var upTo: Int64

    public init(memberOrd: Int64, upTo: Int64) {
        self.memberOrd = memberOrd
        self.upTo = upTo
    }

    /// Reads kept of a row; of more, those that reach the least are forgotten.
    public static let limit = 16
}

extension PersonalRow {
    /// The reads that count, the farthest first.
    var reach: [ReadReach] {
        if let reads { return reads }
        let upTo = max(readPrivate, readPublic)
        return lastRead > 0 && upTo > 0 ? [ReadReach(memberOrd: lastRead, upTo: upTo)] : []
    }

    /// Whether a read later than the flag of a copy reaches its message.
    func isReached(_ ord: Int64, after flaggedAt: Int64) -> Bool {
        reach.contains { $0.memberOrd > flaggedAt && $0.upTo >= ord }
    }

    /// Notes a read judged that reaches an ord at once. Mostly it excels all before it.
    mutating func judgeRead(
        _ id: CommandID, at memberOrd: Int64, upTo: Int64, _ marker: WritableKeyPath<PersonalRow, Int64>
    ) {
        if reads == nil, upTo >= max(readPrivate, readPublic), memberOrd > lastRead {
            (lastReadID, lastRead, self[keyPath: marker]) = (id, memberOrd, upTo)
        } else {
            judgeRead(id, at: memberOrd)
            take(ReadReach(memberOrd: memberOrd, upTo: upTo), marker)
        }
    }

    /// Notes a read judged, which may still wait for its message.
    mutating func judgeRead(_ id: CommandID, at memberOrd: Int64) {
        let known = reach
        lastReadID = id
        lastRead = memberOrd
        // What the row now tells by itself is not so before the read reaches anything.
        reads = known.isEmpty ? nil : known
    }

    /// Notes how far a read reaches, and moves its marker.
    mutating func take(_ read: ReadReach, _ marker: WritableKeyPath<PersonalRow, Int64>) {
        var known = reach.filter { $0.memberOrd > read.memberOrd || $0.upTo > read.upTo }
        self[keyPath: marker] = max(self[keyPath: marker], read.upTo)
        if !known.contains(where: { $0.memberOrd >= read.memberOrd && $0.upTo >= read.upTo }) { known.append(read) }
        known.sort { $0.upTo > $1.upTo }
        known = Array(known.prefix(ReadReach.limit))
        let plain = ReadReach(memberOrd: lastRead, upTo: max(readPrivate, readPublic))
        reads = known == [plain] ? nil : known
    }
}
