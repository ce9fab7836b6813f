import EventLog
import Messaging
import MessagingService
import PersonalMetadata
import Projection
import SharedContent
import ViewStorage

/// How far conversations have come, as far as either view knows: what a reader may have been shown.
///
/// The views are opened when first asked, and again as long as nobody has made them.
final class ViewLastOrds: LastOrdSource, @unchecked Sendable {
    private let monitor = Monitor()
    private let settings: DeploymentSettings
    // Below only under the monitor's lock.
    private var shared: (any SharedContentQueries)?
    private var personal: (any PersonalMetadataQueries)?

    init(_ settings: DeploymentSettings) { self.settings = settings }

    func lastOrd(of conversation: ConversationID) throws -> Int64? {
        try monitor.withLock {
            let (shared, personal) = (try openShared(), try openPersonal())
            let shown = [
                try shared.read { try shared.lastOrd(of: conversation) },
                try personal.read { try personal.lastOrd(of: conversation) },
            ]
            return shown.compactMap { $0 }.max()
        }
    }

    private func openShared() throws -> any SharedContentQueries {
        if let shared, try shared.isCurrent { return shared }
        let opened = try settings.openSharedQueries()
        shared = opened
        return opened
    }

    private func openPersonal() throws -> any PersonalMetadataQueries {
        if let personal, try personal.isCurrent { return personal }
        let opened = try settings.openPersonalQueries()
        personal = opened
        return opened
    }
}
