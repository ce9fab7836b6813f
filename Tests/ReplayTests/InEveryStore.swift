import TestSupport
import Testing

/// Runs each test of a suite once with every kind of store that this machine has.
struct InEveryStore: SuiteTrait, TestTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        for kind in StoreKind.available {
            try await StoreKind.$current.withValue(kind) { try await function() }
        }
    }
}

extension Trait where Self == InEveryStore {
    static var inEveryStore: InEveryStore { InEveryStore() }
}
