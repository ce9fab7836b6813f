import Messaging
import Testing

@testable import ContentProtection

@Suite struct KeyCacheTests {
    private func name(_ number: UInt64) -> KeyCache.Name {
        .init(owner: .member(MemberID(Identifier(high: 0, low: number))), generation: 1)
    }

    private func generation(_ entry: KeyCache.Entry?) -> KeyGeneration? {
        if case .key(let key) = entry { key.generation } else { nil }
    }

    /// Against a plain list, newest first, under random use.
    @Test func theLeastRecentlyUsedGoesFirst() throws {
        let secret = try SecretKey.random()
        withSeed { generator in
            for capacity in [2, 3, 10] {
                var cache = KeyCache(capacity: capacity)
                var model: [(number: UInt64, generation: KeyGeneration)] = []
                for step in 1...2_000 as ClosedRange<KeyGeneration> {
                    let number = UInt64.random(in: 0..<UInt64(2 * capacity), using: &generator)
                    let known = model.firstIndex { $0.number == number }
                    #expect(generation(cache.entry(name(number))) == known.map { model[$0].generation })
                    if let known {
                        model.insert(model.remove(at: known), at: 0)
                    } else {
                        cache.insert(.key(CachedKey(generation: step, secret: secret)), name(number))
                        model.insert((number, step), at: 0)
                        if model.count > capacity { model.removeLast() }
                    }
                    #expect(cache.count == model.count)
                    if step % 500 == 0 {
                        cache.removeAll()
                        model = []
                    }
                }
            }
        }
    }

    @Test func insertingAgainReplaces() throws {
        var cache = KeyCache(capacity: 2)
        cache.insert(.key(CachedKey(generation: 1, secret: try .random())), name(1))
        cache.insert(.destroyed, name(1))
        guard case .destroyed = cache.entry(name(1)) else {
            Issue.record("the first entry is still there")
            return
        }
        #expect(cache.count == 1)
    }
}
