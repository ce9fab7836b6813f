import EventLog
import SampleHistory
import Synchronization

/// One writer of a load.
struct LoadWriter: Sendable {
    let load: LegacyLoad
    let index: Int
    /// When the load began: part of its message keys, so that a second load sends new messages.
    let start: Int64
    let end: Int64
    let shared: SharedLoad
    let location: LegacyLocation

    /// People there are; a thread has three to eight of them at first.
    private static let people = 500
    /// How often each action is taken, of 100.
    private static let weights: [(String, Int)] = [
        ("send", 40), ("edit", 8), ("deleteOwn", 4), ("deleteForEveryone", 2), ("read", 22), ("unread", 3), ("star", 6),
        ("unstar", 2), ("archive", 4), ("move", 2), ("rename", 2), ("add", 3), ("remove", 2),
    ]

    func run(isStopped: @Sendable () -> Bool) {
        do {
            let skew = load.skewMicros
            let store = try LegacyStore(location, clock: LogClock { LogClock.system.nowMicros() + skew })
            var dice = Dice(seed: load.seed &* 1_000_003 &+ UInt64(index))
            var number = 0
            while !isStopped(), LogClock.system.nowMicros() < end {
                number += 1
                let isDone = try shared.state.withLock { state -> Bool in
                    if state.failure != nil { return true }
                    if let limit = load.actions, state.report.total >= limit { return true }
                    try act(store, &state, &dice, number)
                    return false
                }
                if isDone { return }
            }
        } catch {
            shared.state.withLock { if $0.failure == nil { $0.failure = error } }
        }
    }

    private func owner(_ person: Int) -> [UInt8] { Array("person\(person)@old.example".utf8) }
    private func thread(_ number: Int) -> [UInt8] { Array("drive-\(load.seed)-\(number)".utf8) }

    private func act(
        _ store: LegacyStore, _ shared: inout LegacyLoad.Shared, _ dice: inout Dice, _ number: Int
    ) throws {
        let place = dice.below(load.threads)
        var state = try shared.threads[place] ?? known(store, place)
        var point = dice.below(100)
        var name = Self.weights[0].0
        for (word, weight) in Self.weights {
            name = word
            point -= weight
            if point < 0 { break }
        }
        if state.keys.isEmpty || state.inside.isEmpty { name = "send" }
        let writes = try perform(name, store, place, &state, &dice, number)
        shared.threads[place] = state
        shared.report.actions[name, default: 0] += 1
        shared.report.writes += writes.count
    }

    /// What an earlier load has left in a thread.
    private func known(_ store: LegacyStore, _ place: Int) throws -> ThreadState {
        let rows = try store.participants(thread(place))
        let inside = (0..<Self.people).filter { person in
            rows.contains { $0.owner == owner(person) && $0.leftAt == nil }
        }
        let keys = try inside.first.map { try store.copies(thread(place), owner: owner($0)).map(\.deduplicationKey) }
        return ThreadState(inside: inside, keys: Array((keys ?? []).suffix(ThreadState.keysKept)))
    }

    private func perform(
        _ name: String, _ store: LegacyStore, _ place: Int, _ state: inout ThreadState, _ dice: inout Dice,
        _ number: Int
    ) throws -> [LegacyWrite] {
        let thread = thread(place)
        if name == "send" { return try send(store, place, &state, &dice, number) }
        let person = dice.pick(state.inside)
        let who = owner(person)
        let key = dice.pick(state.keys)
        switch name {
        case "edit": return try store.edit(thread: thread, message: key, body: Array("edited \(number)".utf8))
        case "deleteForEveryone": return try store.deleteForEveryone(thread: thread, message: key, by: who)
        case "archive": return try store.move(thread: thread, owner: who, folder: LegacyFolder.archive)
        case "move":
            return try store.move(
                thread: thread, owner: who, folder: dice.pick([LegacyFolder.inbox, Array("work".utf8)]))
        case "rename": return try store.rename(thread: thread, subject: Array("title \(number) of \(index)".utf8))
        case "add":
            let added = dice.below(Self.people)
            if !state.inside.contains(added) { state.inside.append(added) }
            return try store.add(thread: thread, owners: [owner(added)])
        case "remove":
            state.inside.removeAll { $0 == person }
            return try store.remove(thread: thread, owner: who)
        default: return try onCopy(name, store, thread, key, who)
        }
    }

    /// Actions on somebody's copy, which those who joined later do not have.
    private func onCopy(
        _ name: String, _ store: LegacyStore, _ thread: [UInt8], _ key: [UInt8], _ who: [UInt8]
    ) throws -> [LegacyWrite] {
        do {
            switch name {
            case "deleteOwn": return try store.deleteOwn(thread: thread, message: key, owner: who)
            case "read": return try store.markRead(thread: thread, message: key, owner: who, on: true)
            case "unread": return try store.markRead(thread: thread, message: key, owner: who, on: false)
            case "star": return try store.star(thread: thread, message: key, owner: who, on: true)
            default: return try store.star(thread: thread, message: key, owner: who, on: false)
            }
        } catch let error as LegacyError where error.code == .notFound {
            return []
        }
    }

    private func send(
        _ store: LegacyStore, _ place: Int, _ state: inout ThreadState, _ dice: inout Dice, _ number: Int
    ) throws -> [LegacyWrite] {
        if state.inside.isEmpty {
            while state.inside.count < 3 + place % 6 {
                let person = dice.below(Self.people)
                if !state.inside.contains(person) { state.inside.append(person) }
            }
        }
        let key = Array("<\(start).\(index).\(number)@drive>".utf8)
        let answered = state.keys.isEmpty || dice.chance(inThousand: 700) ? nil : dice.pick(state.keys)
        let draft = LegacyStore.Draft(
            sender: owner(dice.pick(state.inside)), recipients: state.inside.map(owner),
            subject: Array("thread \(place)".utf8), body: Array("message \(number) of writer \(index)".utf8),
            deduplicationKey: key, inReplyTo: answered)
        state.sent(key)
        return try store.send(draft, thread: thread(place))
    }
}
