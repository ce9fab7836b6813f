public import EventLog
import Projection
import ViewStorage

/// Rebuilds one view from the log beside the live one, compares the two, and swaps.
///
/// The live view's projector and readers go on untouched. Whatever ends the process, the same call goes on from the last
/// committed batch; the active generation changes in one step at the very end, or not at all.
/// Threads: blocks; once.
public final class ViewReplay {
    let log: any EventLog
    let generations: any ViewGenerations
    private let options: ReplayOptions
    private let observe: (ReplayProgress) -> Void
    private let shouldStop: @Sendable () -> Bool
    private let pace: ReplayPace
    private let started = ContinuousClock.now
    private var generation: Int64 = 0
    private var records: Int64 = 0
    private var target: Int64 = 0
    private static let cachedRows = 400_000
    private let complain: (String) -> Void

    /// - Parameters:
    ///   - observe: told now and then how far it is.
    ///   - complain: told what an operator should know.
    ///   - shouldStop: asked between batches, from several threads.
    public init(
        log: any EventLog, generations: any ViewGenerations, options: ReplayOptions = ReplayOptions(),
        observe: @escaping (ReplayProgress) -> Void = { _ in }, complain: @escaping (String) -> Void = { _ in },
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) {
        self.complain = complain
        self.log = ReplayLog(log: log)
        self.generations = generations
        self.options = options
        self.observe = observe
        self.shouldStop = shouldStop
        pace = ReplayPace(log: log, generations: generations, options: options)
    }

    /// - Parameter body: called with each difference, up to the number in the options.
    /// - Throws: `ReplayError`; `ProjectionError` and `LogError` of what it works on.
    public func run(_ body: (RowDifference) throws -> Void) throws -> ReplayAnswer {
        guard let lock = try generations.lock() else { throw busy }
        defer { withExtendedLifetime(lock) {} }
        generation = try chosenGeneration()
        defer { if options.purpose == .verify { discard() } }
        do {
            var answer = try rebuild(body)
            (answer.memoryBytes, answer.peakBytes) = (options.memoryBytes, ProcessMemory.peakBytes())
            return answer
        } catch let error as ProjectionError where error.code == .full {
            throw full(error)
        }
    }

    var busy: ReplayError {
        ReplayError(
            .busy,
            "the \(generations.projection.rawValue) view at \(generations.place): another replay works on it: wait for "
                + "its end", isRetriable: true)
    }

    var notMade: ReplayError {
        ReplayError(
            .missing,
            "the \(generations.projection.rawValue) view at \(generations.place): no projector has made it: start "
                + "one", isRetriable: true)
    }

    /// The store of the generation that is built.
    func open() throws -> any ViewStore { try generations.open(generation, cachedRows: Self.cachedRows) }

    /// Builds the next generation, or goes on with the one begun, and leaves it at that: nothing is compared or swapped.
    /// - Returns: its number.
    public func build() throws -> Int64 {
        generation = try chosenGeneration()
        try load()
        try project(into: try generations.open(generation, cachedRows: Self.cachedRows))
        return generation
    }

    /// One that waits or was begun, else a new number.
    private func chosenGeneration() throws -> Int64 {
        let all = try generations.list()
        let next = max(all.last?.number ?? 0, try generations.active()) + 1
        if options.purpose == .verify { return next }
        if options.accept != nil, let waiting = all.last(where: { $0.state == .differs }) { return waiting.number }
        if let begun = all.last(where: { $0.state == .building }) { return begun.number }
        return next
    }

    /// What was built for a comparison alone. Where that fails it stays, and is listed as half-built.
    func discard() { try? generations.remove(generation) }

    private func rebuild(_ body: (RowDifference) throws -> Void) throws -> ReplayAnswer {
        if options.purpose == .verify, try generations.livePositions() == nil { throw notMade }
        try load()
        let store = try generations.open(generation, cachedRows: Self.cachedRows)
        try project(into: store)
        var (comparison, positions) = (ComparisonResult?.none, [TopicPartition: Int64]())
        if try generations.livePositions() != nil { (comparison, positions) = try compare(store, body) }
        var answer = ReplayAnswer(
            view: generations.projection, generation: generation, outcome: .differs,
            isVerification: options.purpose == .verify, records: records, seconds: 0, comparison: comparison,
            accepted: nil, undecodable: [], parkedOnlyLive: [],
            positions: positions.isEmpty ? try store.positions() : positions)
        try listParked(in: &answer)
        if options.purpose == .verify {
            if comparison?.isEqual ?? true { answer.outcome = .equal }
            answer.records = records
            answer.seconds = (ContinuousClock.now - started).seconds
            return answer
        }
        if let comparison, !comparison.isEqual {
            guard let reason = options.accept else {
                try generations.mark(generation, .differs)
                answer.seconds = (ContinuousClock.now - started).seconds
                return answer
            }
            answer.accepted = reason
        }
        try swap(store)
        answer.outcome = .swapped
        answer.records = records
        answer.seconds = (ContinuousClock.now - started).seconds
        return answer
    }

    /// Loads a generation that is new, or goes on with a loading that was begun.
    private func load() throws {
        guard options.isBulk, options.baseline == nil else { return try discardLoading() }
        do { try loadInBulk() } catch let unsuitable as BulkUnsuitable {
            complain(
                "\(unsuitable.position) stands under another key than its own: the view is projected record by record, "
                    + "which takes longer")
            try generations.remove(generation)
        } catch let error as ProjectionError where error.code == .corrupt {
            complain(error.message)
            try generations.remove(generation)
            try loadInBulk()
        }
    }

    /// What was loaded in bulk lacks indexes and keys until its end: record by record nothing goes on there.
    private func discardLoading() throws {
        guard try generations.bulk(generations.open(generation, cachedRows: 0))?.isLoading() ?? false else { return }
        complain("generation \(generation) was being loaded in bulk: it is begun anew, record by record")
        try generations.remove(generation)
    }

    private func loadInBulk() throws {
        let store = try generations.open(generation, cachedRows: 0)
        guard let loading = generations.bulk(store),
            try loading.isLoading() || store.positions().allSatisfy({ $0.value == 0 })
        else { return }
        let bulk = BulkRebuild(
            log: log, store: store, loading: loading, options: options, directory: generations.workDirectory,
            shouldStop: shouldStop, isBesideLive: isBesideLive
        ) { [self] phase, done, total in
            pace.count(max(0, done - records))
            records = done
            target = total
            tell(phase)
            // An error here comes again with the next page, where it is thrown.
            try? pace.wait(shouldStop: shouldStop) { tell(.waiting) }
        }
        try bulk.run(to: try bounds())
    }

    private func isBesideLive() -> Bool { pace.isBesideLive }

    /// Brings the new generation to where the live view is, or to the log's end when there is none.
    private func project(into store: any ViewStore) throws {
        if let baseline = options.baseline { try apply(baseline, to: store) }
        while true {
            let bounds = try bounds()
            let gap = Self.gap(from: try store.positions(), to: bounds)
            if gap == 0 { return }
            target = records + gap
            try advance(store, to: bounds)
            if gap <= options.recordsAtSwap { return }
        }
    }

    /// What the baseline has, before the log.
    private func apply(_ baseline: Baseline, to store: any ViewStore) throws {
        target = records + baseline.records
        try BaselineReplay(baseline, store, log: log, shouldStop: shouldStop) { [self] count in
            records += Int64(count)
            pace.count(Int64(count))
            tell(.projecting)
        }.run()
    }

    private func bounds() throws -> [TopicPartition: Int64] {
        try generations.livePositions()
            ?? log.endOffsets().filter { generations.projection.topics.contains($0.key.topic) }
    }

    static func gap(from positions: [TopicPartition: Int64], to bounds: [TopicPartition: Int64]) -> Int64 {
        bounds.reduce(0) { $0 + max(0, $1.value - (positions[$1.key] ?? 0)) }
    }

    func advance(
        _ store: any ViewStore, to bounds: [TopicPartition: Int64], isHurried: Bool = false
    ) throws {
        let projector = Projector(
            log: log, store: store, owner: HostProcess.owner(tag: "replay \(generations.projection.rawValue)")
        ) { [self] event in
            guard case .applied(let report, _) = event else { return }
            records += Int64(report.records)
            pace.count(Int64(report.records))
            tell(.projecting)
        }
        _ = try projector.catchUp(to: bounds) { [self] in
            // An error here comes again with the next batch, where it is thrown.
            if !isHurried { try? pace.wait(shouldStop: shouldStop) { tell(.waiting) } }
            return shouldStop()
        }
        if shouldStop() { throw ReplayError.interrupted }
    }

    private func compare(
        _ store: any ViewStore, _ body: (RowDifference) throws -> Void
    ) throws -> (ComparisonResult, [TopicPartition: Int64]) {
        // What the live view commits from here on is not in this state.
        let live = try generations.rows(of: try generations.active())
        let positions = try live.positions()
        try advance(store, to: positions)
        let rebuilt = try generations.rows(of: generation)
        guard try rebuilt.positions().filter({ $0.value > 0 }) == positions.filter({ $0.value > 0 }) else {
            throw ReplayError(
                .incompatible,
                "generation \(generation) of the \(generations.projection.rawValue) view is ahead of the active one, which was "
                    + "rebuilt meanwhile: run `parley replay prune` and begin again")
        }
        tell(.comparing)
        var shown: Int64 = 0
        let result = try ViewComparison(generations.projection, of: options.sample).run(
            live: live, rebuilt: rebuilt, shouldStop: shouldStop
        ) { difference in
            shown += 1
            if shown <= options.shownDifferences { try body(difference) }
        }
        return (result, positions)
    }

    private func swap(_ store: any ViewStore) throws {
        while let live = try generations.livePositions(),
            Self.gap(from: try store.positions(), to: live) > options.recordsAtSwap
        {
            try advance(store, to: live)
        }
        tell(.swapping)
        try generations.activate(generation) { positions in
            try advance(store, to: positions, isHurried: true)
        }
    }

    /// Lists what neither, only the new generation, or only the live view could apply.
    private func listParked(in answer: inout ReplayAnswer) throws {
        let mine = try parked(generation)
        let live = try generations.livePositions() == nil ? [] : try parked(try generations.active())
        func records(
            _ records: [(position: Position, reason: String)], live: Set<Position>
        ) -> [UndecodableRecord] {
            records.filter { $0.reason != UnreadableRecord.behind }.map {
                UndecodableRecord(position: $0.position, reason: $0.reason, isParkedLive: live.contains($0.position))
            }
        }
        answer.undecodable = records(mine, live: Set(live.map(\.position)))
        // Of a sample only those of its rows are rebuilt: the comparison of rows tells of the others.
        guard options.sample == nil else { return }
        let known = Set(mine.map(\.position))
        answer.parkedOnlyLive = records(
            live.filter { !known.contains($0.position) }, live: Set(live.map(\.position)))
    }

    private func parked(_ generation: Int64) throws -> [(position: Position, reason: String)] {
        let source = try generations.rows(of: generation)
        guard let table = source.tables.first(where: { $0.name == "parked" }) else { return [] }
        let cursor = try source.cursor(
            table, columns: ["topic", "partition", "record_offset", "reason"], ordered: true)
        var found: [(Position, String)] = []
        while try cursor.next() {
            guard case .integer(let topic) = try cursor.value(0), case .integer(let partition) = try cursor.value(1),
                case .integer(let offset) = try cursor.value(2), case .text(let reason) = try cursor.value(3),
                let known = Topic(rawValue: UInt8(truncatingIfNeeded: topic))
            else {
                throw ReplayError(.damaged, "a parked record of generation \(generation) holds what it never can")
            }
            let place = TopicPartition(known, Int32(truncatingIfNeeded: partition))
            found.append((Position(place, offset), String(decoding: reason, as: UTF8.self)))
        }
        return found
    }

    private func tell(_ phase: ReplayProgress.Phase) {
        observe(
            ReplayProgress(phase: phase, generation: generation, done: records, total: max(target, records), bytes: 0))
    }

    /// The active view is as it was; says how much room is needed.
    func full(_ error: ProjectionError) -> ReplayError {
        // What cannot be asked any more is left out.
        let needed = (try? ReplayPlan(log: log, generations: generations).diskNeeded).map {
            " It needs about \($0) bytes"
        }
        let built = (try? generations.list().first { $0.number == generation }?.bytes).flatMap { $0 } ?? 0
        let free = generations.freeBytes().map { "\($0) are free" } ?? "how many are free its server knows"
        return ReplayError(
            .full,
            "no space left for generation \(generation) of the \(generations.projection.rawValue) view; the active one is as "
                + "it was.\(needed ?? ""), \(built) of them written; \(free): make room, or remove old generations with "
                + "`parley replay prune`, and run it again: it goes on where it was",
            isRetriable: true, cause: error)
    }
}
