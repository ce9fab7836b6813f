import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Replay

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

    @Test func aPulseIsOnEveryProcessorThatIsNotLeftWhileItShouldBe() throws {
        let askers = Mutex<[Set<Int>: Int]>([:])
        let isOver = Atomic<Bool>(false)
        let counts = Mutex<(allowed: Int, begun: Int)>((0, 0))
        try Threads.start {
            StandingBack.leaveOneProcessor()
            let begun = SchedulerPulse.begin {
                let processors = Set(StandingBack.processorNumbers)
                askers.withLock { $0[processors, default: 0] += 1 }
                return isOver.load(ordering: .relaxed)
            }
            counts.withLock { $0 = (StandingBack.processors, begun) }
        }.join()
        let (allowed, begun) = counts.withLock { $0 }
        #expect(begun == (allowed > SchedulerPulse.mostProcessors ? 0 : allowed))
        let isOneEach = {
            askers.withLock { found in
                found.count == begun && found.allSatisfy { $0.key.count == 1 && $0.value > 2 }
            }
        }
        for _ in 0..<2_000 where !isOneEach() { usleep(10_000) }
        #expect(isOneEach())
        isOver.store(true, ordering: .relaxed)
    }

    @Test(arguments: [false, true]) func workInParallelIsDoneWhollyHoweverFewProcessorsAreLeft(isLeft: Bool) throws {
        let results = Mutex<[Int]>([])
        try Threads.start {
            // No machine has more, and where the system forbids it this ends all the same.
            if isLeft { for _ in 0..<8_192 where StandingBack.leaveOneProcessor() == 1 { break } }
            guard let found = try? inParallel(5, { $0 * 2 }) else { return }
            results.withLock { $0 = found }
        }.join()
        #expect(results.withLock { $0 } == [0, 2, 4, 6, 8])
    }

    @Test func whatGoesWrongInParallelIsThrown() {
        #expect(throws: ReplayError.self) {
            _ = try inParallel(3) { if $0 == 1 { throw ReplayError.interrupted } }
        }
    }

    @Test func onceSomethingWentWrongInParallelNothingMoreIsBegun() {
        let begun = Mutex<[Int]>([])
        #expect(throws: ReplayError.self) {
            _ = try inParallel(1_000, threads: 2) { number in
                begun.withLock { $0.append(number) }
                if number == 0 { throw ReplayError.interrupted }
                while begun.withLock({ !$0.contains(0) }) { sched_yield() }
                usleep(10_000)
            }
        }
        #expect(begun.withLock { $0.count } < 1_000)
    }
}
