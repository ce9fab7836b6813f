public import Projection

/// What every view store must do: a list of named checks that each store's tests run, for each of the two views.
///
/// ```swift
/// @Test(arguments: ViewStoreConformance.checks, ProjectionName.allCases)
/// func keepsTheContract(_ check: ViewStoreConformance.Check, _ projection: ProjectionName) throws {
///     try check.run(fixture(of: projection))
/// }
/// ```
public enum ViewStoreConformance {
    /// One thing a store must do.
    public struct Check: Sendable, CustomStringConvertible {
        /// The sentence it proves.
        public let name: String
        let body: @Sendable (ViewBench) throws -> Void

        init(_ name: String, _ body: @escaping @Sendable (ViewBench) throws -> Void) {
            self.name = name
            self.body = body
        }

        public var description: String { name }

        /// Runs the check on a new view.
        /// - Throws: `TestFailure` when the store does otherwise, or what the store threw unasked.
        public func run(_ fixture: ViewFixture) throws { try body(ViewBench(fixture: fixture, store: fixture.open())) }
    }

    public static let checks: [Check] = leases + applying + attempts + parking
}

/// How a view under test is had.
public struct ViewFixture: Sendable {
    /// Makes a store with a new, empty view.
    public var open: @Sendable () throws -> any ViewStore
    /// Opens the same view once more, beside the first, as another process would.
    public var another: @Sendable (any ViewStore) throws -> any ViewStore
    /// What the view's tables hold besides positions, leases, attempts and parked records: lines in a form that compares.
    public var contents: @Sendable (any ViewStore) throws -> [[UInt8]]
    /// The parked records, those of each partition in the order of their offsets.
    public var parked: @Sendable (any ViewStore) throws -> [UnreadableRecord]
    /// An owner that the store knows to have died.
    public var deadOwner: LeaseOwner

    public init(
        open: @escaping @Sendable () throws -> any ViewStore,
        another: @escaping @Sendable (any ViewStore) throws -> any ViewStore,
        contents: @escaping @Sendable (any ViewStore) throws -> [[UInt8]],
        parked: @escaping @Sendable (any ViewStore) throws -> [UnreadableRecord], deadOwner: LeaseOwner
    ) {
        self.open = open
        self.another = another
        self.contents = contents
        self.parked = parked
        self.deadOwner = deadOwner
    }
}
