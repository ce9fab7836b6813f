import TestSupport
import Testing
import Wire

/// `parley legacy`, as people and scripts use it.
struct LegacyTests {
    private let program: Program

    init() throws { program = try Program() }

    private func legacy(_ words: String...) throws -> Program.Ended { try program.run(["legacy"] + words) }

    @Test func whatIsDoneInTheLegacyStoreStandsInTheLogAfterTheRelay() throws {
        #expect(try legacy("init").code == 0)
        let sent = try legacy("send", "t1", "hello", "--as", "ada", "--to", "bob", "--key", "<1>", "--subject", "Hi")
        #expect(sent.code == 0)
        #expect(sent.lines.count == 5)
        var written = sent.lines
        written += try legacy("edit", "t1", "<1>", "hello, Bob").lines
        written += try legacy("read", "t1", "<1>", "--as", "bob").lines
        written += try legacy("star", "t1", "<1>", "--as", "bob").lines
        written += try legacy("star", "t1", "<1>", "--as", "bob", "--off").lines
        written += try legacy("move", "t1", "archive", "--as", "bob").lines
        written += try legacy("rename", "t1", "Engines").lines
        written += try legacy("add", "t1", "eve", "dan").lines
        written += try legacy("remove", "t1", "dan").lines
        written += try legacy("delete", "t1", "<1>", "--as", "ada", "--all").lines
        #expect(written.count == 18)
        let relayed = try legacy("relay", "--once", "--form", "json")
        #expect(relayed.lines == ["{\"relayed\":18}"])
        let logged = try legacy("log").lines
        #expect(logged.count == 18)
        for (line, write) in zip(logged, written) {
            #expect(line.hasSuffix(",\"write\":\(write)}"))
        }
        #expect(try legacy("relay", "--once").lines == ["{\"relayed\":0}"])
        #expect(try legacy("backfill").lines == ["{\"threads\":1,\"copies\":2,\"corrected\":0}"])
    }

    @Test func exitCodesSayWhatIsWrong() throws {
        #expect(try legacy("rename", "t1", "x").code == 66)
        #expect(try legacy("init").code == 0)
        #expect(try legacy("rename", "t1", "x").code == 1)
        #expect(try legacy("send", "t1", "x").code == 64)
        #expect(try legacy("send", "t1", "--as", "ada").code == 64)
        #expect(try legacy("dance").code == 64)
        #expect(try legacy("import-maildir", program.path("nowhere")).code == 74)
    }
}
