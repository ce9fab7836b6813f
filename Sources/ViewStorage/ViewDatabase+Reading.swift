import Glibc
import Projection

extension ViewDatabase {
    /// Opens a view for reading. One that no projector has made yet is read as what it is: empty, at position 0.
    ///
    /// - Throws: `ProjectionError`, as `init(_:definition:access:)`.
    public static func reading(_ path: String, definition: Definition) throws -> ViewDatabase {
        let generations = SQLiteGenerations(path)
        let generation = try generations.active()
        if access(generations.file(of: generation), F_OK) == 0 || errno != ENOENT {
            do {
                return try ViewDatabase(path, definition: definition, access: .read, generation: generation)
            } catch let error as ProjectionError where error.code == .missing {}
        }
        return try ViewDatabase(standInPath, definition: definition, access: .project)
    }

    /// Whether this is an empty view in place of one that is not made yet: once a projector has made it, open it again.
    public var isStandIn: Bool { path == Self.standInPath }

    /// Whether there is nothing newer to open: this is no stand-in, and its generation is the active one.
    public var isCurrent: Bool { get throws { try !isStandIn && isActive() } }

    /// A database of one connection alone.
    private static let standInPath = ":memory:"
}
