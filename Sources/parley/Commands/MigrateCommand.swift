import Arguments
import Deployment
import Glibc
import Projection
import Replication

/// `parley migrate`
enum MigrateCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "migrate", section: Section.running,
        summary: "make the views' and the replicator's tables, or bring them to this version",
        discussion: [
            "Projectors do this themselves where their role may. Where it may not, run this as the role that owns the schemas, "
                + "before the projectors of a new version start: parley_shared and parley_personal in PostgreSQL, and "
                + "parley_replication where --replication-store is there or the replicator has run. Nothing is done when there is nothing to do."
        ],
        examples: [
            .init(
                "parley migrate --shared-store postgres://owner@db/parley --personal-store postgres://owner@db/parley",
                "Makes both views as the role that owns them; the password is in PGPASSWORD or a file.")
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let settings = try DeploymentSettings(arguments)
        for projection in ProjectionName.allCases {
            if case .sqlite = settings.storeLocation(of: projection) { try settings.data.create() }
            _ = try settings.openStore(projection)
        }
        if case .sqlite(let file) = settings.replicationStore, access(file, F_OK) != 0 { return .done }
        _ = try settings.openReplicationStore(.migrate)
        return .done
    }
}
