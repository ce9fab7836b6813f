import LegacyMailbox
import TestSupport
import Testing

/// What a mail becomes.
@Suite struct MaildirImportTests {
    @Test func mailBecomesACopyForEachParticipantWithDecodedSubjectAndTime() throws {
        try importMaildir {
            try $0.put("cur/1:2,", plainMail)
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
        try importMaildir {
            try $0.put("new/1", mail)
        } _: { fixture, report in
            #expect(report.oddities.isEmpty, "\(report)")
            try fixture.expect("SELECT DISTINCT body FROM message_copy", ["caf\u{e9} au lait"])
            let attachments = try fixture.texts("SELECT DISTINCT attachments FROM message_copy")
            #expect(attachments.count == 1 && attachments[0].contains("\"x.bin\",\"bytes\":3000000"), "\(attachments)")
        }
    }

    @Test func whatAMessageKeepsFitsWhateverItsCharactersAre() throws {
        let head = "From: a@x\nTo: b@x\nDate: 1 Jan 2000 00:00:00 +0000\nMessage-ID: "
        let files = (0..<40).map { number in
            "--z\nContent-Type: application/x\nContent-Disposition: attachment; filename=\"\(number)\u{1}"
                + String(repeating: "\u{2}", count: 190) + "\"\n\nx\n"
        }
        try importMaildir {
            try $0.put("cur/1", head + "<1>\n\n" + String(repeating: "\u{1}", count: 60_000))
            try $0.put("cur/2", head + "<2>\nContent-Type: multipart/mixed; boundary=z\n\n\(files.joined())--z--\n")
        } _: { fixture, report in
            #expect(report.oddities[.cutBody] == 2)
            try fixture.expect("SELECT DISTINCT length(body) FROM message_copy WHERE dedup_key = '<1>'", ["6826"])
            let attachments = try fixture.texts("SELECT DISTINCT attachments FROM message_copy WHERE dedup_key = '<2>'")
            #expect(attachments[0].utf8.count < 24 << 10 && attachments[0].contains("whole message"))
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
        try importMaildir {
            try $0.put("cur/1", mail)
        } _: { fixture, report in
            #expect(report.oddities == [.date: 1, .sender: 1])
            try fixture.expect("SELECT DISTINCT sender, sent_at FROM message_copy", ["ada@x.example|880127706000000"])
        }
    }

    @Test func whatIsOddIsReportedAndNothingIsDropped() throws {
        let people = (0..<300).map { "p\($0)@x.example" }.joined(separator: ", ")
        try importMaildir {
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
            (plainMail.replacing(
                "\r\n\r\n", with: "\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\r\n")
                + "--b\r\nContent-Type: text/html; charset*=utf-8''x%20\r\n\r\n<p>&amp;&#x41;<script>x</script>\r\n--b--")
                .utf8)
        try importMaildir { fixture in
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
        try importMaildir { fixture in
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
}
