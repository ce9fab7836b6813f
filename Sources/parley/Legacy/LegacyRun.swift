import Arguments
import Deployment
import EventLog
import LegacyMailbox
import Wire

/// What the verbs of `parley legacy` do.
struct LegacyRun {
    let arguments: ParsedArguments
    let words: [String]
    let console: Console

    func run(_ verb: LegacyVerb) throws -> ExitCode {
        switch verb {
        case .`init`: return try make()
        case .relay:
            try expect(0, "relay")
            return try LegacyRelay(arguments, location, console).run()
        case .log: return try log()
        case .drive: return try drive()
        case .backfill: return try backfill()
        case .importMaildir: return try importMaildir()
        case .append:
            let deployment = try Deployment(arguments, ifMissing: .create)
            defer { deployment.close() }
            let mapping = try LegacyRecordOptions.readMapping(arguments)
            return try LegacyAppend(log: deployment.log, mapping: mapping).run(words, console)
        case .ids: return try LegacyIDs(namespace: arguments[GlobalOptions.namespace]).run(words, console)
        default:
            for write in try act(verb) {
                try console.output.write(write.json())
                try console.output.writeLine("")
            }
            return .done
        }
    }

    private var location: LegacyLocation {
        LegacyLocation(arguments[LegacyOptions.store] ?? arguments[GlobalOptions.data] + "/legacy.sqlite")
    }

    private func make() throws -> ExitCode {
        try expect(0, "init")
        _ = try opened()
        return .done
    }

    /// The store, made where it is missing; in the data directory only that directory is made too.
    private func opened() throws -> LegacyStore {
        if arguments[LegacyOptions.store] == nil { try DataDirectory(arguments[GlobalOptions.data]).create() }
        return try LegacyStore.create(location)
    }

    private func expect(_ count: Int, _ usage: String) throws {
        guard words.count == count else {
            throw Failure(.wrongUsage, "legacy: give \(usage): see parley legacy --help")
        }
    }

    private func owner() throws -> [UInt8] {
        guard let owner = arguments[LegacyOptions.owner] else {
            throw Failure(.wrongUsage, "--as: is missing: say who acts")
        }
        return Array(owner.utf8)
    }

    private func word(_ index: Int) -> [UInt8] { Array(words[index].utf8) }

    private func act(_ verb: LegacyVerb) throws -> [LegacyWrite] {
        let store = try LegacyStore(location)
        let isOn = !arguments[LegacyOptions.off]
        switch verb {
        case .send: return try send(store)
        case .edit:
            try expect(3, "edit THREAD KEY TEXT")
            return try store.edit(
                thread: word(0), message: word(1), body: Array(try InputFile.text(words[2])))
        case .delete:
            try expect(2, "delete THREAD KEY")
            return arguments[LegacyOptions.all]
                ? try store.deleteForEveryone(thread: word(0), message: word(1), by: owner())
                : try store.deleteOwn(thread: word(0), message: word(1), owner: owner())
        case .read:
            try expect(2, "read THREAD KEY")
            return try store.markRead(thread: word(0), message: word(1), owner: owner(), on: isOn)
        case .star:
            try expect(2, "star THREAD KEY")
            return try store.star(thread: word(0), message: word(1), owner: owner(), on: isOn)
        case .move:
            try expect(2, "move THREAD FOLDER")
            return try store.move(thread: word(0), owner: owner(), folder: word(1))
        case .rename:
            try expect(2, "rename THREAD TITLE")
            return try store.rename(thread: word(0), subject: word(1))
        case .add:
            guard words.count >= 2 else { throw Failure(.wrongUsage, "legacy: give add THREAD OWNER...") }
            return try store.add(thread: word(0), owners: words.dropFirst().map { Array($0.utf8) })
        case .remove:
            try expect(2, "remove THREAD OWNER")
            return try store.remove(thread: word(0), owner: word(1))
        default: throw Failure(.bug, "legacy \(verb.rawValue): has no work: please report this")
        }
    }

    private func send(_ store: LegacyStore) throws -> [LegacyWrite] {
        try expect(2, "send THREAD TEXT")
        let minted = "<\(LogClock.system.nowMicros()).\(UInt32.random(in: 0...UInt32.max))@parley.invalid>"
        return try store.send(
            LegacyStore.Draft(
                sender: owner(), recipients: arguments[LegacyOptions.to].map { Array($0.utf8) },
                subject: Array((arguments[LegacyOptions.subject] ?? "").utf8),
                body: Array(try InputFile.text(words[1])),
                deduplicationKey: Array((arguments[LegacyOptions.key] ?? minted).utf8),
                inReplyTo: arguments[LegacyOptions.replyTo].map { Array($0.utf8) }), thread: word(0))
    }

    /// What is in the topic, a line each: by partition, in order.
    private func log() throws -> ExitCode {
        try expect(0, "log")
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        for partition in deployment.log.partitionCounts.partitions(of: .legacyWrites) {
            var offset = try deployment.log.startOffset(of: partition)
            while true {
                let batch = try deployment.log.read(partition, from: offset, maxRecords: 1_000, maxBytes: 8 << 20)
                if batch.isEmpty { break }
                try batch.forEachRecord { record in
                    let decoded = try OwnFormat().decode(key: Array(record.key), value: Array(record.value))
                    guard case .write(let write) = decoded else { return }
                    try console.output.write("{\"position\":\"\(Position(partition, record.offset))\",\"write\":")
                    try console.output.write(write.json())
                    try console.output.writeLine("}")
                }
                offset = batch.nextOffset
            }
        }
        return .done
    }

    private func drive() throws -> ExitCode {
        try expect(0, "drive")
        let stop = console.stop
        stop.whenRaised {}
        _ = try opened()
        let load = LegacyLoad(
            writers: arguments[LegacyOptions.writers], threads: arguments[LegacyOptions.threads],
            seconds: arguments[LegacyOptions.seconds], actions: arguments[LegacyOptions.actions],
            seed: UInt64(arguments[LegacyOptions.seed]),
            skewMicros: Int64(arguments[LegacyOptions.skew]) * 1_000_000)
        let report = try load.run(location) { stop.isRaised }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("actions")
        writer.int(report.total)
        writer.key("writes")
        writer.int(report.writes)
        writer.key("byAction")
        writer.beginObject()
        for (name, count) in report.actions.sorted(by: { $0.key < $1.key }) {
            writer.key(Array(name.utf8))
            writer.int(count)
        }
        writer.endObject()
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
        return stop.exitCode ?? .done
    }

    private func backfill() throws -> ExitCode {
        try expect(0, "backfill")
        let stop = console.stop
        stop.whenRaised {}
        let ids = LegacyIdentifiers(namespace: arguments[GlobalOptions.namespace])
        let done = try LegacyStore(location).backfill(ids) { stop.isRaised }
        try console.output.writeLine(
            "{\"threads\":\(done.threads),\"copies\":\(done.copies),\"corrected\":\(done.corrected)}")
        return stop.exitCode ?? .done
    }

    /// Odd files go to standard error, a line each; the report to standard output.
    private func importMaildir() throws -> ExitCode {
        try expect(1, "import-maildir DIR")
        let stop = console.stop
        stop.whenRaised {}
        let store = try opened()
        let owner = arguments[LegacyOptions.owner].map { Array($0.utf8) }
        let report = try MaildirImport(owner: owner).run(
            words[0], into: store, isStopped: { stop.isRaised },
            odd: { Console.note("\($0): \($1.map(\.rawValue).joined(separator: ", "))") })
        if let count = report.oddities[.mbox] {
            Console.complain(
                "\(count) of the files named are mboxes, several mails in one file, and were left out: make "
                    + "maildirs of them (mb2md, or Python's module mailbox) and import those")
        }
        var writer = JSONWriter()
        writer.beginObject()
        for (name, count) in [
            ("files", report.files), ("messages", report.messages), ("known", report.known),
            ("threads", report.threads),
        ] {
            writer.key(Array(name.utf8))
            writer.int(count)
        }
        writer.key("odd")
        writer.beginObject()
        for (oddity, count) in report.oddities.sorted(by: { $0.key < $1.key }) {
            writer.key(Array(oddity.rawValue.utf8))
            writer.int(count)
        }
        writer.endObject()
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
        return stop.exitCode ?? .done
    }
}
