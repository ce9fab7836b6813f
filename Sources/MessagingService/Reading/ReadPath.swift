public import EventLog
import Glibc
import Messaging
public import PersonalMetadata
public import SharedContent
import ViewStorage

/// The read path: answers composed from both views, each from one unchanging state of every view it needs.
///
/// An answer says from which positions it was made, and may be asked for from given ones on. What was erased before a
/// read begins is unreadable in it. Threads: one at a time; calls block, those with a wait up to that long.
public final class ReadPath {
    /// An answer with the positions its views had, in the partitions it depends on.
    public struct Answer<Value> {
        public var value: Value
        public var token: PositionToken
    }

    let scopes: ReadScopes
    let content: ContentOpener
    private let openShared: () throws -> any SharedContentQueries
    private let openPersonal: () throws -> any PersonalMetadataQueries
    private(set) var shared: any SharedContentQueries
    private(set) var personal: any PersonalMetadataQueries

    private static let pauseMicros: UInt32 = 1_000

    /// - Parameters:
    ///   - openShared: opens the shared view; called again as long as no projector has made it.
    ///   - openPersonal: opens the personal view, likewise.
    ///   - partitionCounts: of the log the views are built from.
    /// - Throws: what the closures throw.
    public init(
        openShared: @escaping () throws -> any SharedContentQueries,
        openPersonal: @escaping () throws -> any PersonalMetadataQueries, partitionCounts: PartitionCounts,
        content: ContentOpener
    ) throws {
        self.openShared = openShared
        self.openPersonal = openPersonal
        self.content = content
        scopes = ReadScopes(counts: partitionCounts)
        shared = try openShared()
        personal = try openPersonal()
    }

    /// Runs `body` over one state of each view in scope, once they have come as far as asked.
    /// - Throws: `ReadError` with `behind` when time is up before.
    func answer<Value>(
        _ scope: ReadScope, _ atLeast: AtLeast?, _ body: () throws -> Value
    ) throws -> Answer<Value> {
        let deadline = ContinuousClock.now + (atLeast?.wait ?? .zero)
        while true {
            try freshen()
            var behind: ReadError?
            let answer: Answer<Value>? = try inTransactions(scope) {
                let positions = try positions(in: scope)
                behind = atLeast.flatMap { positions.lag(behind: $0.token) }
                return behind == nil ? Answer(value: try body(), token: positions.token) : nil
            }
            if let answer { return answer }
            if let behind, ContinuousClock.now >= deadline { throw behind }
            usleep(Self.pauseMicros)
        }
    }

    private func freshen() throws {
        if try !shared.isCurrent { shared = try openShared() }
        if try !personal.isCurrent { personal = try openPersonal() }
        try content.begin()
    }

    private func inTransactions<Value>(_ scope: ReadScope, _ body: () throws -> Value) throws -> Value {
        switch (scope.shared.isEmpty, scope.personal.isEmpty) {
        case (true, true): try body()
        case (false, true): try shared.read(body)
        case (true, false): try personal.read(body)
        case (false, false): try shared.read { try personal.read(body) }
        }
    }

    private func positions(in scope: ReadScope) throws -> ViewPositions {
        var found = ViewPositions()
        if !scope.shared.isEmpty {
            let positions = try shared.positions()
            for partition in scope.shared { found.shared[partition] = positions[partition] ?? 0 }
        }
        if !scope.personal.isEmpty {
            let positions = try personal.positions()
            for partition in scope.personal { found.personal[partition] = positions[partition] ?? 0 }
        }
        return found
    }
}

extension ReadPath.Answer {
    /// The answer of what is there.
    public func unwrapped<Wrapped>() -> ReadPath.Answer<Wrapped>? where Value == Wrapped? {
        value.map { ReadPath.Answer(value: $0, token: token) }
    }
}

/// Where each view stands, in the partitions of a scope.
private struct ViewPositions {
    var shared: [TopicPartition: Int64] = [:]
    var personal: [TopicPartition: Int64] = [:]

    /// What every view in scope has: asking for it again is answered at once.
    var token: PositionToken {
        var offsets = shared
        offsets.merge(personal, uniquingKeysWith: min)
        return PositionToken(offsets)
    }

    /// How far the views are behind what is asked for; `nil` when they are not.
    func lag(behind token: PositionToken) -> ReadError? {
        var lags: [String] = []
        for (view, positions) in [("shared", shared), ("personal", personal)] {
            for (partition, position) in positions.sorted(by: { $0.key < $1.key }) {
                let missing = (token.offsets[partition] ?? 0) - position
                if missing > 0 { lags.append("the \(view) view by \(missing) records in \(partition)") }
            }
        }
        guard !lags.isEmpty else { return nil }
        return ReadError(
            .behind, "not there yet: \(lags.joined(separator: ", ")): try again, or wait longer with --wait",
            isRetriable: true)
    }
}
