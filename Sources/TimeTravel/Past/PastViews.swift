import EventLog
import Messaging
import MessagingService
import PersonalMetadata
import Projection
import SharedContent
import ViewStorage

/// Both views of some records, in databases that go with the process: the stores, folds and queries of live views, so that
/// what they answer is what a live view answers. What does not fit in their caches is in files without a name.
///
/// Threads: one at a time.
final class PastViews {
    private static let owner = LeaseOwner(text: "the past")
    private static let leaseMicros: Int64 = 24 * 3_600_000_000
    private static let cachedRows = 100_000

    let shared: SQLiteSharedContentStore
    let personal: SQLitePersonalMetadataStore
    let sharedQueries: SQLiteSharedContentQueries
    let personalQueries: SQLitePersonalMetadataQueries
    let answers: ReadPath
    private var sharedEpochs: [TopicPartition: Int64]
    private var personalEpochs: [TopicPartition: Int64]
    private var places: [TopicPartition: Int64] = [:]

    /// - Parameters:
    ///   - partitions: those that records come from.
    ///   - counts: of the log.
    /// - Throws: `ProjectionError`.
    init(of partitions: [TopicPartition], counts: PartitionCounts, content: ContentOpener) throws {
        // A database without a name is its connection's alone.
        let shared = try SQLiteSharedContentStore(path: "", cachedRows: Self.cachedRows)
        let personal = try SQLitePersonalMetadataStore(path: "", cachedRows: Self.cachedRows)
        let sharedQueries = try SQLiteSharedContentQueries(shared.database)
        let personalQueries = try SQLitePersonalMetadataQueries(personal.database)
        (self.shared, self.personal) = (shared, personal)
        (self.sharedQueries, self.personalQueries) = (sharedQueries, personalQueries)
        answers = try ReadPath(
            openShared: { sharedQueries }, openPersonal: { personalQueries }, partitionCounts: counts, content: content)
        sharedEpochs = try shared.claim(
            partitions.filter { $0.topic == .conversationCommands }, owner: Self.owner, leaseMicros: Self.leaseMicros)
        personalEpochs = try personal.claim(partitions, owner: Self.owner, leaseMicros: Self.leaseMicros)
    }

    /// What the fold of each view made of records.
    struct Report {
        var shared = BatchReport()
        var personal = BatchReport()
    }

    /// Applies records of one partition to the views that are built from it.
    /// - Parameters:
    ///   - end: where the partition stands afterwards.
    ///   - isShared, isPersonal: to which views.
    @discardableResult
    func apply(
        _ items: [ProjectionBatch.Item], of partition: TopicPartition, to end: Int64, isShared: Bool = true,
        isPersonal: Bool = true
    ) throws -> Report {
        var batch = ProjectionBatch()
        batch.items = items
        batch.moves[partition] = ProjectionBatch.Move(from: places[partition] ?? 0, to: end)
        var report = Report()
        if isShared, partition.topic == .conversationCommands {
            batch.epochs = sharedEpochs
            report.shared = try shared.apply(batch)
        }
        if isPersonal {
            batch.epochs = personalEpochs
            report.personal = try personal.apply(batch)
        }
        places[partition] = end
        return report
    }
}
