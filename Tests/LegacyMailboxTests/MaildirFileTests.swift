import Glibc
import LegacyMailbox
import TestSupport
import Testing

/// Files, folders and flags.
@Suite struct MaildirFileTests {
    @Test func whatIsNoMailIsNamedAndNoLinkIsFollowedTwice() throws {
        try importMaildir {
            try $0.put("cur/1", plainMail)
            symlink($0.maildir, $0.maildir + "/loop")
            symlink("..", $0.maildir + "/.Archive/loop")
            symlink($0.maildir + "/cur", $0.maildir + "/linked")
            symlink("/nowhere", $0.maildir + "/cur/nowhere")
            mkfifo($0.maildir + "/cur/pipe", 0o600)
            mkdir($0.maildir + "/new/directory", 0o700)
            try $0.put("cur/.hidden", plainMail)
            try $0.put("tmp/half", plainMail)
            try $0.put("index", "no mail")
            var deep = $0.maildir
            for _ in 0..<20 {
                deep += "/d"
                mkdir(deep, 0o700)
            }
            try $0.put(String(deep.dropFirst($0.maildir.utf8.count + 1)) + "/mail", plainMail)
        } _: { _, report in
            #expect(report.files == 1 && report.messages == 1)
            #expect(report.oddities == [.loop: 3, .notMail: 6, .tooDeep: 1], "\(report.oddities)")
        }
    }

    @Test func namesThatAreNoTextAreReadAndShownOnOneLine() throws {
        try withTemporaryDirectory { directory in
            let fixture = try MaildirFixture(directory)
            let folder = Array("\(fixture.maildir)/.b\u{e9}".utf8) + [0xff]
            for path in [folder, folder + Array("/cur".utf8)] {
                _ = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { mkdir($0.baseAddress!, 0o700) }
            }
            let path = folder + Array("/cur/1\n2".utf8) + [0xfe] + Array(":2,S".utf8)
            let descriptor = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer {
                open($0.baseAddress!, O_WRONLY | O_CREAT, 0o600)
            }
            let text = Array("From: a@x\nTo: b@x\nMessage-ID: <1>\n\nbody".utf8)
            #expect(text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == text.count)
            close(descriptor)
            var named: [String] = []
            let report = try MaildirImport(owner: Array("b@x".utf8)).run(
                fixture.maildir, into: fixture.store, odd: { file, _ in named.append(file) })
            #expect(report.messages == 1 && report.oddities == [.date: 1])
            #expect(named.count == 1 && named[0].hasSuffix("/.b\\xc3\\xa9\\xff/cur/1\\x0a2\\xfe:2,S"), "\(named)")
            try fixture.expect(
                "SELECT folder, read_at IS NOT NULL FROM message_copy WHERE owner = 'b@x'", ["b\u{e9}\u{fffd}|1"])
        }
    }

    @Test func severalMailsInOneFileAreLeftOutAndNamed() throws {
        let mark = "From a@x Sat Jan  1 00:00:00 2000\n"
        let mail = "From: a@x\nTo: b@x\nMessage-ID: <1>\nDate: 1 Jan 2000 00:00:00 +0000\n\n"
        let second = mail.replacing("<1>", with: "<2>")
        var named: [String: [MailOddity]] = [:]
        try importMaildir {
            try $0.put("cur/1", "\(mark)\(mail)one\n\n\(mark)\(mail)two\n")
            // A single one with its separator, and a line that is none.
            try $0.put("cur/2", "\(mark)\(second)one\n\nFrom here on: to 12:30\n\nx")
            // One with an mbox among its parts.
            let parts = "Content-Type: multipart/mixed; boundary=z\n\n--z\n\n\(mark)\(mail)\n\n\(mark)\(mail)\n--z--\n"
            try $0.put("cur/3", mark + mail.replacing("<1>", with: "<3>").dropLast() + parts)
            try $0.put("Sent", "\(mark)\(mail)one\n")
            try $0.put("notes", "From here on\n")
            _ = try MaildirImport(owner: nil).run($0.maildir, into: $0.store, odd: { named[$0] = $1 })
        } _: { fixture, report in
            #expect(report.oddities == [.mbox: 2, .notMail: 1] && report.known == 2, "\(report)")
            #expect(named["\(fixture.maildir)/Sent"] == [.mbox] && named["\(fixture.maildir)/cur/1"] == [.mbox])
            try fixture.expect("SELECT DISTINCT dedup_key FROM message_copy ORDER BY 1", ["<2>", "<3>"])
        }
    }

    @Test func flagsAndFoldersAreTheOwnersAlone() throws {
        try importMaildir(owner: "Bob@x.example") {
            try $0.put("cur/1:2,FS", plainMail)
            try $0.put(".Archive/cur/1:2,", plainMail)
        } _: { fixture, report in
            #expect(report.oddities == [.duplicate: 1])
            try fixture.expect(
                "SELECT owner, folder, starred, read_at IS NOT NULL FROM message_copy ORDER BY owner, folder",
                [
                    "ada@x.example|sent|0|1", "bob@x.example|archive|1|1", "bob@x.example|inbox|1|1",
                    "eve@x.example|inbox|0|1",
                ])
        }
    }

    @Test func copiesInSeveralFoldersOfOneOwnerAgree() throws {
        let undated = plainMail.replacing("Date: ", with: "X-Date: ")
        try importMaildir(owner: "bob@x.example") {
            try $0.put("cur/1:2,T", undated)
            try $0.put(".Archive/cur/1:2,S", undated)
            var times = [timeval(tv_sec: 5, tv_usec: 0), timeval(tv_sec: 5, tv_usec: 0)]
            #expect(utimes($0.maildir + "/.Archive/cur/1:2,S", &times) == 0)
            try $0.put("cur/2:2,T", plainMail.replacing("<1@x>", with: "<2@x>"))
            try $0.put(".Archive/cur/2:2,T", plainMail.replacing("<1@x>", with: "<2@x>"))
        } _: { fixture, _ in
            try fixture.expect(
                """
                SELECT dedup_key, folder, deleted, read_at IS NOT NULL, sent_at = min(sent_at) OVER (PARTITION BY dedup_key)
                FROM message_copy WHERE owner = 'bob@x.example' ORDER BY 1, 2
                """,
                ["<1@x>|archive|0|1|1", "<1@x>|inbox|0|1|1", "<2@x>|archive|1|0|1", "<2@x>|inbox|1|0|1"])
        }
    }

    @Test func foldersOfPlainFilesAreTakenWhereThereIsNoMaildir() throws {
        try withTemporaryDirectory { directory in
            let fixture = try MaildirFixture(directory)
            for name in ["cur", "new", ".Archive/cur"] { rmdir("\(fixture.maildir)/\(name)") }
            try fixture.put("1.", plainMail)
            let report = try MaildirImport(owner: nil).run(fixture.maildir, into: fixture.store)
            #expect(report.messages == 1)
        }
    }

    @Test func directoryWithoutMailIsAnError() throws {
        try withTemporaryDirectory { directory in
            let store = try LegacyStore.create(file: directory + "/legacy.sqlite")
            mkdir(directory + "/empty", 0o700)
            let error = #expect(throws: LegacyError.self) {
                try MaildirImport(owner: nil).run(directory + "/empty", into: store)
            }
            try #require(error?.code == .inputOutput)
        }
    }
}
