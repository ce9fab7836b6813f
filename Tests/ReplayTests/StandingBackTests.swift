import Replay
import Synchronization
import TestSupport
import Testing

/// What a rebuild leaves to whoever is live.
@Suite struct StandingBackTests {
    @Test func oneProcessorIsLeftAsLongAsThereAreMore() throws {
        let counts = Mutex<[Int]>([])
        // Of one thread alone, which ends.
        try Threads.start {
            for _ in 0..<3 { counts.withLock { $0.append(StandingBack.leaveOneProcessor()) } }
        }.join()
        let found = counts.withLock { $0 }
        #expect(found[0] >= 1 && found[1] == max(1, found[0] - 1) && found[2] == max(1, found[1] - 1))
    }
}
