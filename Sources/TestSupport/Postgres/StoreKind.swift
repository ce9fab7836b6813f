/// The kinds of stores that tests run over.
public enum StoreKind: String, CaseIterable, Sendable {
    case sqlite
    case postgres

    /// Those that this machine has.
    public static var available: [StoreKind] { PostgresServer.isInstalled ? allCases : [.sqlite] }

    /// The one that a test of a suite that runs in every store is now to use.
    @TaskLocal public static var current = StoreKind.sqlite

    /// So many rounds in SQLite; a server takes longer for each.
    public func rounds(_ count: Int) -> Int { self == .sqlite ? count : max(2, count / 30) }
}
