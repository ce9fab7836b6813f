import Messaging
import Projection
import Simulation
import TestSupport
import Testing

/// Both views over random histories hold, row for row, what the reference model says.
@Suite struct ViewPropertyTests {
    @Test(arguments: StoreKind.available)
    func viewsEqualTheModelWhateverTheBatches(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            try Rounds.run(kind.rounds(600), first: 1_000_000) { seed in
                var dice = Dice(seed: seed)
                let history = HistoryGenerator.history(seed: seed, count: 20 + dice.below(100))
                let views = try Views.anew(
                    at: place, cachedRows: dice.pick([1, 10, 30, 100_000]), longBatch: dice.pick([1, 3, 20, 100_000]))
                for batch in batches(of: history.records, using: &dice) { try views.apply(batch) }
                let model = ReferenceModel(history.records)
                try views.require(equal: model, "the views differ from the model")
                try require(views.reports[.shared] == BatchReport(model.verdicts), "outcomes are counted otherwise")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func anyInterleavingOfTopicsAndPartitionsGivesTheSameRows(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            try Rounds.run(kind.rounds(300), first: 2_000_000) { seed in
                var dice = Dice(seed: seed)
                let history = HistoryGenerator.history(seed: seed, count: 20 + dice.below(100))
                let model = ReferenceModel(history.records)
                var first: ViewRows?
                for number in 0..<3 {
                    let views = try Views.anew(at: place)
                    let order = history.interleaved(using: &dice)
                    for batch in batches(of: order, using: &dice) { try views.apply(batch) }
                    try views.require(equal: model, "interleaving \(number) differs from the model")
                    let stored = try views.stored()
                    try require(
                        stored == first ?? stored, "stored otherwise:\n\(stored.differences(from: first ?? stored))")
                    first = stored
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func oneHugeBatchAndSingleRecordsGiveTheSameRows(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            try Rounds.run(kind.rounds(150), first: 3_000_000) { seed in
                let history = HistoryGenerator.history(seed: seed, count: 150)
                let model = ReferenceModel(history.records)
                let huge = try Views.anew(at: place)
                try huge.apply(history.records)
                try huge.require(equal: model, "one batch differs from the model")
                let single = try Views.anew(at: place)
                for logged in history.records { try single.apply([logged]) }
                try single.require(equal: model, "single records differ from the model")
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func aStoreOpenedAgainBetweenBatchesGivesTheSameRows(_ kind: StoreKind) throws {
        try kind.withPlace { place in
            try Rounds.run(kind.rounds(40), first: 4_000_000) { seed in
                var dice = Dice(seed: seed)
                let history = HistoryGenerator.history(seed: seed, count: 80)
                var views = try Views.anew(at: place)
                for batch in batches(of: history.interleaved(using: &dice), using: &dice) {
                    if dice.chance(1, in: 3) { views = try Views(at: place) }
                    try views.apply(batch)
                }
                try views.require(equal: ReferenceModel(history.records), "stores opened again differ from the model")
            }
        }
    }

    /// What SEMANTICS promises of copies: they change nothing, but that a copy of an older read clears a mark.
    ///
    /// Left out are ids that a member gave to a read and to something else: the read's id may be forgotten, and then the
    /// other command is judged.
    @Test func copiesOfAnyRecordsAtTheEndChangeNoAnswer() throws {
        try Rounds.run(1_000, first: 5_000_000) { seed in
            var dice = Dice(seed: seed)
            let history = HistoryGenerator.history(seed: seed, count: 20 + dice.below(100))
            var records = history.records
            let copied = history.records.filter { !$0.sharesItsIDWithAnotherCommand(in: history.records) }
            for _ in 0..<20 { records.append(dice.pick(copied).moved(behind: records)) }
            let (once, again) = (ReferenceModel(history.records), ReferenceModel(records))
            for (before, after) in [(once.sharedRows, again.sharedRows), (once.personalRows, again.personalRows)] {
                let (before, after) = (before.withoutTracesOfCopies, after.withoutTracesOfCopies)
                try require(before == after, "copies changed answers:\n\(after.differences(from: before))")
            }
        }
    }

    /// By command: what becomes of it at its place, and late, when the message it waited for arrives.
    private static let outcomes = [
        "createConversation": "accepted duplicate exists tooLarge",
        "send": "accepted duplicate duplicateConflict tooLarge notParticipant closed",
        "sendDirect": "accepted duplicate duplicateConflict notParticipant",
        "edit": """
        accepted duplicate orphaned tooLarge notParticipant notAllowed deleted versionConflict \
        late:notParticipant late:notAllowed late:deleted late:versionConflict
        """,
        "delete": """
        accepted duplicate orphaned notParticipant notAllowed notFound lastVersion \
        late:notAllowed late:notFound late:lastVersion
        """,
        "react": "accepted duplicate orphaned notParticipant tooMany late:notParticipant",
        "addParticipants": "accepted duplicate notParticipant notAllowed",
        "removeParticipant": "accepted duplicate notParticipant notAllowed",
        "setModerator": "accepted duplicate notParticipant notAllowed",
        "rename": "accepted duplicate tooLarge notParticipant notAllowed",
        "close": "accepted duplicate notParticipant notAllowed",
    ]

    /// The properties above prove no more than the histories reach.
    @Test func randomHistoriesReachEveryOutcomeOfEveryCommand() throws {
        var reached: Set<String> = []
        for seed in 1_000_000..<UInt64(1_000_600) {
            let history = HistoryGenerator.history(seed: seed, count: 100)
            let judged = history.records.filter { !$0.record.command.isPersonal }
            let model = ReferenceModel(history.records)
            for (logged, verdict) in zip(judged, model.verdicts) {
                reached.insert("\(logged.record.command.name) \(verdict.word)")
            }
            for rejection in model.lateRejections { reached.insert("\(rejection.name) late:\(rejection.reason)") }
        }
        let missing = ViewPropertyTests.outcomes.flatMap { command, outcomes in
            outcomes.split(separator: " ").map { "\(command) \($0)" }
        }.filter { !reached.contains($0) }
        #expect(missing == [])
    }
}

extension LoggedRecord {
    /// Whether it is personal and its member gave the same id to another command.
    func sharesItsIDWithAnotherCommand(in records: [LoggedRecord]) -> Bool {
        record.command.isPersonal
            && records.contains { other in
                other.record.command.isPersonal && other.record.id == record.id && other.record.actor == record.actor
                    && other.record != record
            }
    }

    /// The same record once more, at the end of its partition.
    func moved(behind records: [LoggedRecord]) -> LoggedRecord {
        var copy = self
        let before = records.filter { $0.topicPartition == topicPartition }
        copy.offset = Int64(before.count)
        copy.appendTime = before.last!.appendTime
        return copy
    }
}

extension ViewRows {
    /// Without what a copy may change: ords given out, which read was the last, and how many reads wait.
    var withoutTracesOfCopies: ViewRows {
        let traces: Set = ["last_ord", "last_read", "last_read_id", "waiting_count"]
        return ViewRows(
            tables.filter { $0.layout.name != "personal_orphan" }.map { table in
                let kept = table.layout.columns.indices.filter {
                    table.layout.name == "conversation" && table.layout.columns[$0].name == "waiting_count"
                        || !traces.contains(table.layout.columns[$0].name)
                }
                return ViewTable(table.layout, table.rows.map { row in kept.map { row[$0] } })
            })
    }
}

extension BatchReport {
    /// Counts what the model says became of each record.
    init(_ verdicts: [ReferenceModel.Verdict]) {
        self.init()
        for verdict in verdicts {
            switch verdict {
            case .accepted: accepted += 1
            case .duplicate: duplicate += 1
            case .orphaned: orphaned += 1
            case .rejected: rejected += 1
            }
        }
    }
}

extension ReferenceModel.Verdict {
    var word: String { if case .rejected(let reason) = self { reason } else { "\(self)" } }
}
