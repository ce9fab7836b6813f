import EventLog
import Messaging
import Replication
import TestSupport

/// A world around a ``LaneScheduler``, with time, a log, a store and a target of its own: random, the same for the same
/// seed. Beside it stands the model: per lane, what must be applied, in which order, found from the log alone.
struct LaneWorld {
    struct Trouble {
        /// Attempts in a thousand that fail transiently.
        var transientPerMille = 50
        /// Lanes that hold one poisoned record, of which the rest waits until the operator mends it.
        var poisonedLanes = 2
        var crashesPerMille = 3
        var duplicates = true
        /// Everything fails from the first of these times to the second, in milliseconds.
        var outage: ClosedRange<Int64>?
    }

    struct Attempt {
        var lane: ConversationID
        var positions: [Position]
        var doneMillis: Int64
    }

    let trouble: Trouble
    let settings: LaneSettings
    var random: SeededGenerator
    var nowMillis: Int64 = 1_000
    let lanes: [ConversationID]
    /// By partition: the lane of each offset.
    var log: [[ConversationID]]
    var poison: Set<Position> = []
    var scheduler: LaneScheduler
    var read: [TopicPartition: Int64] = [:]
    var store = StoredLanes()
    var attempts: [Attempt] = []
    /// What took effect; a record that comes again has none.
    var appliedSet: Set<Position> = []
    var skipped: Set<Position> = []
    var outages = 0
    var deaths = 0
    var crashes = 0
    var repeated = 0
    var faults: [String] = []

    init(seed: UInt64, lanes count: Int, records: Int, settings: LaneSettings, trouble: Trouble) {
        self.trouble = trouble
        self.settings = settings
        random = SeededGenerator(seed: seed)
        lanes = (0..<count).map { ConversationID(Identifier(high: UInt64($0 + 1), low: 7)) }
        log = [[], [], []]
        for _ in 0..<records {
            let lane = Int.random(in: 0..<count, using: &random)
            log[lane % 3].append(lanes[lane])
        }
        for lane in 0..<trouble.poisonedLanes {
            let (partition, id) = (log[lane % 3], lanes[lane])
            let candidates = partition.indices.filter { partition[$0] == id }
            if let offset = candidates.randomElement(using: &random) {
                poison.insert(Position(TopicPartition(.legacyWrites, Int32(lane % 3)), Int64(offset)))
            }
        }
        scheduler = LaneScheduler(settings: settings, stored: store, generator: SeededGenerator(seed: seed ^ 1))
        for partition in 0..<3 { read[TopicPartition(.legacyWrites, Int32(partition))] = 0 }
    }

    /// Runs until everything is read and nothing is left but dead lanes, or the steps are used up.
    mutating func run(steps: Int) {
        for _ in 0..<steps {
            guard faults.isEmpty else { return }
            if scheduler.isIdle, attempts.isEmpty, isAllRead, scheduler.nextWakeMillis == nil { break }
            takeStep()
        }
        save()
    }

    private var isAllRead: Bool { read.allSatisfy { Int($0.value) == log[Int($0.key.partition)].count } }

    private mutating func takeStep() {
        if Int.random(in: 0..<1_000, using: &random) < trouble.crashesPerMille { return crash() }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3 where scheduler.allowance > 0 && !isAllRead: arrive()
        case 0..<8 where !attempts.isEmpty: finish(Int.random(in: 0..<attempts.count, using: &random))
        case 9: save()
        default:
            nowMillis += Int64.random(in: 1...40, using: &random)
            if attempts.isEmpty, let wake = scheduler.nextWakeMillis { nowMillis = max(nowMillis, wake) }
            take(.tick)
        }
    }

    private mutating func arrive() {
        var left = min(scheduler.allowance, Int.random(in: 1...40, using: &random))
        var records: [LaneRecord] = []
        for partition in read.keys.sorted() {
            let end = log[Int(partition.partition)].count
            while left > 0, Int(read[partition]!) < end {
                let position = Position(partition, read[partition]!)
                let record = LaneRecord(lane: lane(of: position), position: position)
                records.append(record)
                if trouble.duplicates, Bool.random(using: &random) { records.append(record) }
                read[partition]! += 1
                left -= 1
            }
        }
        take(.arrived(records))
    }

    func lane(of position: Position) -> ConversationID {
        log[Int(position.partition.partition)][Int(position.offset)]
    }

    mutating func take(_ event: LaneScheduler.Event) {
        for effect in scheduler.step(event, nowMillis: nowMillis) {
            switch effect {
            case .run(let lane, let positions): begin(lane, positions)
            case .outageBegan: outages += 1
            case .died: deaths += 1
            case .outageEnded, .intake: break
            case .refused(_, let why): faults.append(why)
            }
        }
    }

    private mutating func begin(_ lane: ConversationID, _ positions: [Position]) {
        if attempts.contains(where: { $0.lane == lane }) { faults.append("lane \(lane) runs twice at once") }
        if attempts.count >= settings.concurrentLanes { faults.append("more lanes run than may") }
        attempts.append(Attempt(lane: lane, positions: positions, doneMillis: nowMillis))
    }

    /// The target applies what it can and says so.
    private mutating func finish(_ index: Int) {
        let attempt = attempts.remove(at: index)
        var count = 0
        for position in attempt.positions {
            if let failure = failure(of: position) {
                return take(.finished(attempt.lane, applied: count, failure: failure))
            }
            apply(position, in: attempt.lane)
            count += 1
        }
        take(.finished(attempt.lane, applied: count, failure: nil))
    }

    private mutating func failure(of position: Position) -> LaneFailure? {
        if let outage = trouble.outage, outage.contains(nowMillis) { return LaneFailure(.transient, "outage") }
        if poison.contains(position) { return LaneFailure(.permanent, "poison") }
        guard Int.random(in: 0..<1_000, using: &random) < trouble.transientPerMille else { return nil }
        return LaneFailure(Bool.random(using: &random) ? .transient : .unknown, "by chance")
    }

    private mutating func apply(_ position: Position, in lane: ConversationID) {
        if self.lane(of: position) != lane { faults.append("\(position) was attempted in another lane") }
        guard appliedSet.insert(position).inserted else {
            repeated += 1
            return
        }
        if !isNext(position, in: lane) { faults.append("\(position) of lane \(lane) was applied out of order") }
    }

    /// The process dies: what was not stored is forgotten, attempts under way may still take effect in part.
    private mutating func crash() {
        crashes += 1
        for attempt in attempts {
            for position in attempt.positions.prefix(Int.random(in: 0...attempt.positions.count, using: &random)) {
                if poison.contains(position) { break }
                apply(position, in: attempt.lane)
            }
        }
        attempts = []
        if Bool.random(using: &random) { save() }
        scheduler = LaneScheduler(
            settings: settings, stored: store, generator: SeededGenerator(seed: random.next()))
        for partition in read.keys { read[partition] = store.positions[partition] ?? 0 }
    }
}
