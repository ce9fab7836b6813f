import Glibc
import Testing

/// The long loops; they run when PARLEY_TORTURE is set.
@Suite(.enabled(if: getenv("PARLEY_TORTURE") != nil)) struct LogTortureTests {
    @Test func aThousandKilledAppendersLoseNothing() throws {
        for _ in 0..<50 { try killAppenders(times: 20) }
    }

    @Test func tenThousandChangedBytesAreNeverServed() throws { try changeBytes(times: 10_000) }
}
