import Arguments
import Deployment
import Projection

/// `parley migrate`
enum MigrateCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "migrate", section: Section.running, summary: "make both views' tables, or bring them to this version",
        discussion: [
            "Projectors do this themselves where their role may. Where it may not, run this as the role that owns the schemas, "
                + "before the projectors of a new version start: parley_shared and parley_personal in PostgreSQL. "
                + "Nothing is done when there is nothing to do."
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
        return .done
    }
}
