import Glibc
import LegacyMailbox
import SQLite
import TestSupport
import Testing

/// A maildir made for a test, and the store it goes to.
private struct Fixture {
    let directory: String
    let store: LegacyStore
    var file: String { directory + "/legacy.sqlite" }
    var maildir: String { directory + "/mail" }

    init(_ directory: String) throws {
        self.directory = directory
        store = try LegacyStore.create(file: directory + "/legacy.sqlite")
        for name in ["", "/cur", "/new", "/tmp", "/.Archive", "/.Archive/cur"] {
            mkdir(directory + "/mail" + name, 0o700)
        }
    }

    func put(_ name: String, _ bytes: [UInt8]) throws {
        let descriptor = open("\(maildir)/\(name)", O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard descriptor >= 0 else { throw TestFailure("cannot write \(name)") }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw TestFailure("cannot write \(name)") }
            rest = rest.dropFirst(count)
        }
    }

    func put(_ name: String, _ text: String) throws { try put(name, Array(text.utf8)) }

    func expect(_ sql: String, _ expected: [String]) throws {
        let rows = try texts(sql)
        #expect(rows == expected, "\(sql)")
    }

    func texts(_ sql: String) throws -> [String] {
        let query = try Connection(file).prepare(sql)
        var rows: [String] = []
        while try query.step() { rows.append((0..<query.columnCount).map { query.text($0) }.joined(separator: "|")) }
        return rows
    }
}

@Suite struct MaildirImportTests {
    private let plain = """
        Message-ID: <1@x>\r\nFrom: "Ada, of" <Ada@X.example>\r\nTo: bob@x.example (Bob),\r\n eve@x.example\r
        Date: Fri, 21 Nov 1997 09:55:06 -0600\r\nSubject: =?utf-8?q?caf=C3=A9?= =?ISO-8859-1?B?IOk=?=\r\n\r\nHello\r\n
        """

    private func imported(
        owner: String? = nil, _ prepare: (Fixture) throws -> Void,
        _ check: (Fixture, MaildirImport.Report) throws -> Void
    ) throws {
        try withTemporaryDirectory { directory in
            let fixture = try Fixture(directory)
            try prepare(fixture)
            let work = MaildirImport(owner: owner.map { Array($0.utf8) })
            let report = try work.run(fixture.maildir, into: fixture.store)
            // Everybody in a thread has a copy of each of its messages, and nobody else: membership decides who sees.
            try fixture.expect(
                """
                SELECT thread_id, dedup_key FROM message_copy GROUP BY thread_id, dedup_key
                HAVING count(DISTINCT owner) <> (SELECT count(*) FROM participant p WHERE p.thread_id = message_copy.thread_id)
                """, [])
            try fixture.expect(
                "SELECT copy_id FROM message_copy JOIN participant USING (thread_id, owner) WHERE sent_at < joined_at",
                [])
            try check(fixture, report)
            let again = try work.run(fixture.maildir, into: fixture.store)
            #expect(again.messages == 0)
            #expect(again.known == report.messages + report.known)
        }
    }

    @Test func mailBecomesACopyForEachParticipantWithDecodedSubjectAndTime() throws {
        try imported {
            try $0.put("cur/1:2,", plain)
        } _: { fixture, report in
            #expect(report.messages == 1 && report.oddities.isEmpty, "\(report)")
            try fixture.expect(
                "SELECT owner, folder, subject, sent_at, dedup_key FROM message_copy ORDER BY owner",
                [
                    "ada@x.example|sent|caf\u{e9} \u{e9}|880127706000000|<1@x>",
                    "bob@x.example|inbox|caf\u{e9} \u{e9}|880127706000000|<1@x>",
                    "eve@x.example|inbox|caf\u{e9} \u{e9}|880127706000000|<1@x>",
                ])
        }
    }

    @Test func repliesAndEqualSubjectsOfTheSamePeopleMakeThreads() throws {
        func mail(_ id: String, _ subject: String, _ minute: Int, _ more: String = "", to: String = "bob@x.example")
            -> String
        {
            "Message-ID: <\(id)>\nFrom: ada@x.example\nTo: \(to)\nDate: 21 Nov 1997 09:\(minute):06 +0000\n"
                + "Subject: \(subject)\n\(more)\nbody\n"
        }
        try imported {
            try $0.put("cur/1", mail("1", "Engines", 10))
            try $0.put("cur/2", mail("2", "Re: Engines", 11, "References: <1>\n"))
            try $0.put("cur/3", mail("3", "AW: [list] Re: engines", 12, "In-Reply-To: <2>\n", to: "eve@x.example"))
            try $0.put("cur/4", mail("4", "Re: Engines", 13))
            try $0.put("cur/5", mail("5", "Engines", 14, to: "eve@x.example"))
            try $0.put("cur/6", mail("6", "Other", 15, "References: <1>\n"))
            try $0.put("cur/7", mail("7", "", 16))
            try $0.put("cur/8", mail("8", "", 17))
        } _: { fixture, report in
            #expect(report.threads == 6)
            let threads = try fixture.texts(
                "SELECT group_concat(k) FROM (SELECT DISTINCT thread_id t, dedup_key k FROM message_copy "
                    + "ORDER BY dedup_key) GROUP BY t ORDER BY 1")
            #expect(threads == ["<1>,<2>,<4>", "<3>", "<5>", "<6>", "<7>", "<8>"])
        }
    }

    @Test func whoeverWasNotToldOfAMailIsInNoThreadWithIt() throws {
        func mail(_ id: Int, from: String, to: String, _ more: String = "") -> String {
            "Message-ID: <\(id)>\nFrom: \(from)@x\nTo: \(to)\nDate: 21 Nov 1997 09:1\(id):06 +0000\nSubject: Pay\n"
                + more + "\nbody\n"
        }
        try imported(owner: "kim@x") {
            try $0.put("cur/1", mail(1, from: "ada", to: "bob@x, eve@x"))
            try $0.put("cur/2", mail(2, from: "bob", to: "ada@x", "References: <1>\n"))
            try $0.put("cur/3", mail(3, from: "ada", to: "bob@x", "References: <1> <2>\nBcc: cy@x, kim@x\n"))
            try $0.put("cur/4", mail(4, from: "bob", to: "ada@x, eve@x", "References: <1>\n"))
            try $0.put("cur/5:2,F", mail(5, from: "eve", to: "kim@x", "Cc: ada@x\n"))
            try $0.put("cur/6:2,D", mail(6, from: "kim", to: "ada@x"))
        } _: { fixture, report in
            // Kim is named in the fifth alone; who named her in the others is known to the sender only.
            #expect(report.oddities == [.blindCopy: 4, .draft: 1], "\(report.oddities)")
            #expect(report.messages == 5 && report.files == 6)
            try fixture.expect(
                """
                SELECT people, group_concat(DISTINCT dedup_key) FROM message_copy JOIN (
                    SELECT thread_id, group_concat(owner) AS people FROM (SELECT * FROM participant ORDER BY owner)
                    GROUP BY thread_id) USING (thread_id) GROUP BY thread_id ORDER BY people, 2
                """,
                [
                    "ada@x,bob@x|<2>,<3>", "ada@x,bob@x,eve@x|<1>,<4>", "ada@x,cy@x|<3>", "ada@x,eve@x,kim@x|<5>",
                    "ada@x,kim@x|<1>,<3>", "bob@x,kim@x|<2>,<4>",
                ])
            try fixture.expect(
                "SELECT DISTINCT owner, dedup_key FROM message_copy WHERE starred = 1", ["kim@x|<5>"])
        }
    }

    @Test func aMailFoundLaterJoinsItsThreadAndDoublesNothing() throws {
        func mail(_ id: Int, _ more: String = "") -> String {
            "Message-ID: <\(id)>\nFrom: a@x\nTo: b@x\nDate: \(id) Jan 2000 00:00:00 +0000\nSubject: s\(id / 5)\n\(more)\nbody\n"
        }
        try imported {
            try $0.put("cur/2", mail(2, "References: <1>\n"))
            try $0.put("cur/4", mail(4, "References: <3>\n"))
            let first = try MaildirImport(owner: nil).run($0.maildir, into: $0.store)
            #expect(first.threads == 2)
            // Older than all, and of both threads; and one that nobody knew of.
            try $0.put("cur/1", mail(1, "In-Reply-To: <3>\n"))
            try $0.put("cur/5", mail(5))
        } _: { fixture, report in
            #expect(report.messages == 2 && report.known == 2 && report.threads == 3)
            try fixture.expect(
                "SELECT group_concat(k) FROM (SELECT DISTINCT thread_id t, dedup_key k FROM message_copy "
                    + "ORDER BY dedup_key) GROUP BY t ORDER BY 1", ["<1>,<2>", "<4>", "<5>"])
            try fixture.expect("SELECT count(*), count(DISTINCT owner || dedup_key) FROM message_copy", ["8|8"])
        }
    }

    @Test func whatIsNoMailIsNamedAndNoLinkIsFollowedTwice() throws {
        try imported {
            try $0.put("cur/1", plain)
            symlink($0.maildir, $0.maildir + "/loop")
            symlink("..", $0.maildir + "/.Archive/loop")
            symlink($0.maildir + "/cur", $0.maildir + "/linked")
            symlink("/nowhere", $0.maildir + "/cur/nowhere")
            mkfifo($0.maildir + "/cur/pipe", 0o600)
            mkdir($0.maildir + "/new/directory", 0o700)
            try $0.put("cur/.hidden", plain)
            try $0.put("tmp/half", plain)
            try $0.put("index", "no mail")
            var deep = $0.maildir
            for _ in 0..<20 {
                deep += "/d"
                mkdir(deep, 0o700)
            }
            try $0.put(String(deep.dropFirst($0.maildir.utf8.count + 1)) + "/mail", plain)
        } _: { _, report in
            #expect(report.files == 1 && report.messages == 1)
            #expect(report.oddities == [.loop: 3, .notMail: 6, .tooDeep: 1], "\(report.oddities)")
        }
    }

    @Test func namesThatAreNoTextAreReadAndShownOnOneLine() throws {
        try withTemporaryDirectory { directory in
            let fixture = try Fixture(directory)
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

    @Test func whatAMessageKeepsFitsWhateverItsCharactersAre() throws {
        let head = "From: a@x\nTo: b@x\nDate: 1 Jan 2000 00:00:00 +0000\nMessage-ID: "
        let files = (0..<40).map { number in
            "--z\nContent-Type: application/x\nContent-Disposition: attachment; filename=\"\(number)\u{1}"
                + String(repeating: "\u{2}", count: 190) + "\"\n\nx\n"
        }
        try imported {
            try $0.put("cur/1", head + "<1>\n\n" + String(repeating: "\u{1}", count: 60_000))
            try $0.put("cur/2", head + "<2>\nContent-Type: multipart/mixed; boundary=z\n\n\(files.joined())--z--\n")
        } _: { fixture, report in
            #expect(report.oddities[.cutBody] == 2)
            try fixture.expect("SELECT DISTINCT length(body) FROM message_copy WHERE dedup_key = '<1>'", ["6826"])
            let attachments = try fixture.texts("SELECT DISTINCT attachments FROM message_copy WHERE dedup_key = '<2>'")
            #expect(attachments[0].utf8.count < 24 << 10 && attachments[0].contains("whole message"))
        }
    }

    @Test func severalMailsInOneFileAreTold() throws {
        let mail = "From: a@x\nTo: b@x\nMessage-ID: <1>\nDate: 1 Jan 2000 00:00:00 +0000\n\n"
        try imported {
            try $0.put("cur/1", "From a@x Sat Jan  1 2000\n\(mail)one\n\nFrom a@x Sat Jan  1 2000\n\(mail)two\n")
            try $0.put(
                "cur/2", "From a@x Sat Jan  1 2000\n" + mail.replacing("<1>", with: "<2>") + "one\n\nFrom here on\n\nx")
        } _: { _, report in
            #expect(report.oddities == [.mbox: 1] && report.messages == 2, "\(report)")
        }
    }

    @Test func flagsAndFoldersAreTheOwnersAlone() throws {
        try imported(owner: "Bob@x.example") {
            try $0.put("cur/1:2,FS", plain)
            try $0.put(".Archive/cur/1:2,", plain)
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
        let undated = plain.replacing("Date: ", with: "X-Date: ")
        try imported(owner: "bob@x.example") {
            try $0.put("cur/1:2,T", undated)
            try $0.put(".Archive/cur/1:2,S", undated)
            var times = [timeval(tv_sec: 5, tv_usec: 0), timeval(tv_sec: 5, tv_usec: 0)]
            #expect(utimes($0.maildir + "/.Archive/cur/1:2,S", &times) == 0)
            try $0.put("cur/2:2,T", plain.replacing("<1@x>", with: "<2@x>"))
            try $0.put(".Archive/cur/2:2,T", plain.replacing("<1@x>", with: "<2@x>"))
        } _: { fixture, _ in
            try fixture.expect(
                """
                SELECT dedup_key, folder, deleted, read_at IS NOT NULL, sent_at = min(sent_at) OVER (PARTITION BY dedup_key)
                FROM message_copy WHERE owner = 'bob@x.example' ORDER BY 1, 2
                """,
                ["<1@x>|archive|0|1|1", "<1@x>|inbox|0|1|1", "<2@x>|archive|1|0|1", "<2@x>|inbox|1|0|1"])
        }
    }

    @Test func attachmentsAreListedAndPlainTextIsTakenBeforeHTML() throws {
        let huge = String(repeating: "QUJD", count: 1_000_000)
        let mail = """
            Message-ID: <1@x>
            From: ada@x.example
            To: bob@x.example
            Date: 21 Nov 1997 09:55:06 +0000
            Content-Type: multipart/mixed; boundary="a b"

            --a b
            Content-Type: multipart/alternative; boundary=c

            --c
            Content-Type: text/plain; charset=iso-8859-1
            Content-Transfer-Encoding: quoted-printable

            caf=E9 =
            au lait
            --c
            Content-Type: text/html

            <p>no</p>
            --c--
            --a b
            Content-Type: application/octet-stream; name="x.bin"
            Content-Disposition: attachment
            Content-Transfer-Encoding: base64

            \(huge)
            --a b--
            """
        try imported {
            try $0.put("new/1", mail)
        } _: { fixture, report in
            #expect(report.oddities.isEmpty, "\(report)")
            try fixture.expect("SELECT DISTINCT body FROM message_copy", ["caf\u{e9} au lait"])
            let attachments = try fixture.texts("SELECT DISTINCT attachments FROM message_copy")
            #expect(attachments.count == 1 && attachments[0].contains("\"x.bin\",\"bytes\":3000000"), "\(attachments)")
        }
    }

    @Test func whatIsOddIsReportedAndNothingIsDropped() throws {
        let people = (0..<300).map { "p\($0)@x.example" }.joined(separator: ", ")
        try imported {
            try $0.put("cur/a", "Subject: no headers to speak of\n\nbody")
            try $0.put(
                "cur/b", Array("Message-ID: <2>\nFrom: a@x\nTo: b@x\nDate: whenever\n\n".utf8) + [0xff, 0, 0xfe, 65])
            try $0.put("cur/c", "Message-ID: <3>\nFrom: a@x\nTo: \(people)\nDate: 1 Jan 3000 00:00:00 +0000\n\nbody")
            try $0.put("cur/d", "Message-ID: <4>\nFrom: a@x\nTo: b@x, nonsense\nDate: 1 Jan 2000 00:00:00 +0000\n\none")
            try $0.put("cur/e", "Message-ID: <4>\nFrom: a@x\nTo: b@x\nDate: 1 Jan 2000 00:00:00 +0000\n\ntwo")
            try $0.put("cur/f", [])
            try $0.put("cur/g", "just text, no header at all\nmore\n")
            try $0.put(
                "cur/h",
                "Message-ID: <5>\nFrom: a@x\nTo: b@x\nDate: 1 Jan 2000 00:00:00 +0000\n"
                    + "Content-Type: multipart/mixed; boundary=z\n\n--z\n\nnever closed")
            try $0.put(
                "cur/i",
                "Message-ID: <6>\nFrom: a@x\nTo: b@x\nDate: 1 Jan 2000 00:00:00 +0000\n\n"
                    + String(repeating: "\u{20ac}", count: 100_000))
        } _: { fixture, report in
            #expect(report.files == 9 && report.messages == 8, "\(report)")
            #expect(report.oddities[.unreadable] == 1)
            #expect(report.oddities[.missingMessageID] == 2)
            #expect(report.oddities[.date] == 4)
            #expect(report.oddities[.charset] == 2)
            #expect(report.oddities[.recipient] == 1)
            #expect(report.oddities[.sameIDOtherContent] == 1)
            #expect(report.oddities[.openMultipart] == 1)
            #expect(report.oddities[.cutBody] == 1)
            try fixture.expect("SELECT count(DISTINCT dedup_key), count(*) FROM message_copy", ["8|313"])
            try fixture.expect("SELECT body FROM message_copy WHERE dedup_key = '<5>' LIMIT 1", ["never closed"])
        }
    }

    @Test func anyCutOrScrambledMailIsTakenWithoutTrap() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let mail = Array(
            (plain.replacing("\r\n\r\n", with: "\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\r\n")
                + "--b\r\nContent-Type: text/html; charset*=utf-8''x%20\r\n\r\n<p>&amp;&#x41;<script>x</script>\r\n--b--")
                .utf8)
        try imported { fixture in
            for number in 0..<150 {
                var bytes = mail
                for _ in 0..<Int.random(in: 1...12, using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                let end = Int.random(in: 1...bytes.count, using: &generator)
                try fixture.put("cur/\(number)", Array(bytes[..<end]))
            }
        } _: { _, report in
            #expect(report.messages + report.known == 150, "seed \(seed)")
        }
    }

    @Test func whatEndsInTheMiddleOfSomethingIsTaken() throws {
        let ends = [
            "<", "<p", "<script", "<script>x", "&", "&#", "&#x", "&amp", "=", "=4", "a<b>&lt;<", "--b", "--b--", "\"",
            "(", "=?",
        ]
        let types = [
            "text/html", "text/plain", "multipart/mixed; boundary=b", "multipart/mixed; boundary=\"",
            "text/html; charset*=",
            "multipart/mixed; boundary=", ";", "text/plain; name*=utf-8'", "message/rfc822", "=?utf-8?q?=?=",
        ]
        let encodings = ["", "base64", "quoted-printable", "x-none"]
        try imported { fixture in
            var number = 0
            for type in types {
                for encoding in encodings {
                    for end in ends {
                        number += 1
                        let mail =
                            "From: ada@x.org\nMessage-ID: <\(number)@x>\nSubject: =?utf-8?b?\(end)\nDate: \(end)\nTo: \(end)\n"
                            + "Content-Type: \(type)\nContent-Transfer-Encoding: \(encoding)\n\n\(end)"
                        try fixture.put("cur/\(number)", Array(mail.utf8))
                    }
                }
            }
        } _: { _, report in
            #expect(report.messages == ends.count * types.count * encodings.count)
            #expect(report.oddities[.date] == report.messages)
        }
    }

    @Test func mailWithoutDateOrSenderTakesThoseOfItsServers() throws {
        let mail = """
            Return-Path: <ada@x.example>
            Received: from a (b [1.2.3.4]) by c; Fri, 21 Nov 1997 09:55:06 -0600 (CST)
            Received: from nowhere; 1 Jan 1999 00:00:00 +0000
            Message-ID: <1@x>
            From: nobody in particular
            To: bob@x.example
            Date: 32 Foo 1997 99:00

            body
            """
        try imported {
            try $0.put("cur/1", mail)
        } _: { fixture, report in
            #expect(report.oddities == [.date: 1, .sender: 1])
            try fixture.expect("SELECT DISTINCT sender, sent_at FROM message_copy", ["ada@x.example|880127706000000"])
        }
    }

    @Test func foldersOfPlainFilesAreTakenWhereThereIsNoMaildir() throws {
        try withTemporaryDirectory { directory in
            let fixture = try Fixture(directory)
            for name in ["cur", "new", ".Archive/cur"] { rmdir("\(fixture.maildir)/\(name)") }
            try fixture.put("1.", plain)
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
