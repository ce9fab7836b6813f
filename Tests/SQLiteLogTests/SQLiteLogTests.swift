import EventLog
import SQLiteLog
import TestSupport
import Testing

@Suite struct SQLiteLogTests {
    @Test(arguments: LogConformance.checks)
    func keepsTheContract(_ check: LogConformance.Check) throws {
        try withTemporaryDirectory { directory in
            let clock = ManualClock(micros: 1)
            let open: @Sendable () throws -> any EventLog = {
                try SQLiteLog(directory: directory, options: .init(clock: clock.clock))
            }
            let reopen: @Sendable (any EventLog) throws -> any EventLog = { log in
                log.close()
                return try open()
            }
            try check.run(LogFixture(clock: clock, open: open, reopen: reopen, another: { _ in try open() }))
        }
    }
}
