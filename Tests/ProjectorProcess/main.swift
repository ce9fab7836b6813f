import EventLog
import Glibc
import Messaging
import PersonalMetadata
import Postgres
import Projection
import SQLiteLog
import SharedContent
import ViewStorage

// A projector of its own process, for tests of what kills it:
//   project LOG-DIR VIEW shared|personal PARTITION OFFSET [stop]
// catches up with the log's end; aborts when about to apply that record of `conversation-commands`, or stops itself until
// it is continued. VIEW is a file or the URL of a database. What happens is told line by line.

/// Aborts instead of applying one record, as a bug in the fold would; or stops there, once.
final class LethalStore: ViewStore {
    let store: any ViewStore
    let partition: Int32
    let offset: Int64
    let stops: Bool
    private var hasStopped = false

    init(_ store: any ViewStore, partition: Int32, offset: Int64, stops: Bool) {
        self.stops = stops
        self.store = store
        self.partition = partition
        self.offset = offset
    }

    var projection: ProjectionName { store.projection }

    func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] { try store.claim(partitions, owner: owner, leaseMicros: leaseMicros) }

    func release(owner: LeaseOwner) throws { try store.release(owner: owner) }
    func positions() throws -> [TopicPartition: Int64] { try store.positions() }
    func attempts() throws -> [Attempt] { try store.attempts() }

    func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {
        try store.begin(attempts, epochs: epochs)
    }

    func apply(_ batch: ProjectionBatch) throws -> BatchReport {
        for case .record(let logged) in batch.items where !logged.record.command.isPersonal {
            guard logged.partition == partition && logged.offset == offset else { continue }
            guard stops else { abort() }
            if !hasStopped {
                hasStopped = true
                tell("stopping")
                kill(getpid(), SIGSTOP)
            }
        }
        return try store.apply(batch)
    }
}

func tell(_ word: String) {
    let line = Array("\(word)\n".utf8)
    _ = write(STDOUT_FILENO, line, line.count)
}

func open(_ projection: String, _ path: String) throws -> any ViewStore {
    if path.hasPrefix("postgres:") {
        let address = try PostgresAddress(url: path)
        if projection == "shared" { return try PostgresSharedContentStore(address: address) }
        return try PostgresPersonalMetadataStore(address: address)
    }
    if projection == "shared" { return try SQLiteSharedContentStore(path: path) }
    return try SQLitePersonalMetadataStore(path: path)
}

let words = CommandLine.arguments
guard words.count >= 7, words[1] == "project", let partition = Int32(words[5]), let offset = Int64(words[6]) else {
    exit(64)
}
var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
let log = try SQLiteLog(directory: words[2])
let stops = words.count > 7
let store = LethalStore(try open(words[4], words[3]), partition: partition, offset: offset, stops: stops)
var limits = ProjectorLimits()
limits.batchRecords = 50
if stops { limits.leaseMicros = 1_000_000 }
_ = try Projector(log: log, store: store, owner: HostProcess.owner(tag: words[4]), limits: limits) { event in
    if case .fenced = event { tell("fenced") }
}.catchUp()
log.close()
