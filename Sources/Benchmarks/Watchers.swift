import Deployment
import EventLog
import Glibc
import PersonalMetadata
import Projection
import SharedContent
import ViewStorage

/// Waits until both views have applied a record, by looking at their positions.
struct Watchers {
    private static let patienceSeconds = 10.0
    private let views: [ViewDatabase]

    /// Waits for the views to be made.
    init(_ settings: DeploymentSettings) throws {
        let watch = Stopwatch()
        while true {
            do {
                views = [
                    try ViewDatabase(
                        settings.data.sharedView, definition: SharedContentSchema.definition, access: .read),
                    try ViewDatabase(
                        settings.data.personalView, definition: PersonalMetadataSchema.definition, access: .read),
                ]
                return
            } catch let error as ProjectionError {
                guard watch.seconds < Self.patienceSeconds else { throw error }
                usleep(20_000)
            }
        }
    }

    /// Waits until both views are at the end of what they are built from.
    func wait(for ends: [TopicPartition: Int64], patienceSeconds: Double) throws {
        let watch = Stopwatch()
        for view in views {
            let wanted = ends.filter { view.definition.projection.topics.contains($0.key.topic) && $0.value > 0 }
            while case let found = try view.positions(), wanted.contains(where: { found[$0.key] ?? 0 < $0.value }) {
                guard watch.seconds < patienceSeconds else {
                    throw BenchmarkError("the views did not come to the end of the log within \(patienceSeconds) s")
                }
                usleep(50_000)
            }
        }
    }

    func wait(for position: Position) throws {
        let watch = Stopwatch()
        for view in views {
            while try view.positions()[position.partition] ?? 0 <= position.offset {
                guard watch.seconds < Self.patienceSeconds else {
                    throw BenchmarkError("\(position) was not projected within \(Self.patienceSeconds) s")
                }
                usleep(50)
            }
        }
    }
}
