public import Postgres
import Projection

/// Which generation of the view this is, and whether it is the one in use.
extension PostgresViewDatabase {
    /// Whether this is the generation that readers and projectors use; one round trip.
    public var isCurrent: Bool {
        get throws {
            try explaining {
                do { return try generations.active(connection()) == generation } catch let error as PostgresError
                    where error.isConnectionGone
                {
                    // It broke while nobody used it.
                    return try generations.active(connection()) == generation
                }
            }
        }
    }

    /// Goes on as the role that owns the view; see `PostgresGenerations`.
    public func asOwner() throws { try explaining { try generations.actAsOwner(connection()) } }

    /// The second number of the lock that whoever builds, swaps or removes generations holds.
    public static var replayLock: Int64 { LockName.replay.rawValue }

    /// - Precondition: called in a transaction that holds what a swap waits for.
    func checkGeneration(_ connection: PostgresConnection) throws {
        guard followsActive else { return }
        try checkGeneration(connection.query(generations.activeQuery))
    }

    /// - Parameter active: what the query of the active generation gave.
    func checkGeneration(_ active: PostgresRows) throws {
        guard try active.int64(0, 0) != generation else { return }
        throw ProjectionError(
            .superseded,
            "generation \(generation) of the \(definition.projection.rawValue) view at \(address), schema \(schema), is not "
                + "the active one any more: nothing was written; open the view again", isRetriable: true)
    }
}

extension PostgresGenerations {
    /// Goes on as the role that owns the schema of generation 1, where this one is a member of it: whoever makes a
    /// generation, its tables belong to the same role.
    public func actAsOwner(_ connection: PostgresConnection) throws {
        var parameters = PostgresParameters()
        parameters.add(text: base)
        _ = try connection.query(
            """
            SELECT set_config('role', pg_get_userbyid(nspowner), false) FROM pg_namespace
            WHERE nspname = $1 AND pg_get_userbyid(nspowner) <> current_user AND pg_has_role(nspowner, 'MEMBER')
            """, parameters)
    }
}
