import LegacyMailbox
import Testing

/// What a mail says, whatever program wrote it.
@Suite struct MailReadingTests {
    private static let head = "Message-ID: <1@x>\nFrom: ada@x\nTo: bob@x\nDate: 1 Jan 2000 00:00:00 +0000\n"

    /// What becomes of one mail: column `what`, and the oddities.
    private func read(_ mail: [UInt8], _ what: String = "body") throws -> (text: [String], oddities: [MailOddity]) {
        var found: (text: [String], oddities: [MailOddity]) = ([], [])
        try importMaildir {
            try $0.put("cur/1", mail)
        } _: { fixture, report in
            found = (try fixture.texts("SELECT DISTINCT \(what) FROM message_copy"), report.oddities.keys.sorted())
        }
        return found
    }

    private func read(_ mail: String, _ what: String = "body") throws -> (text: [String], oddities: [MailOddity]) {
        try read(Array(mail.utf8), what)
    }

    @Test(
        arguments: [
            ("gb2312", [0x54, 0xa3, 0xa1], "T\u{ff01}"), ("koi8-r", [0xd0, 0xd2, 0xc9], "\u{43f}\u{440}\u{438}"),
            ("ISO-8859-2", [0xa3, 0xf3, 0x64, 0xbc], "\u{141}\u{f3}d\u{17a}"), ("big5", [0xa4, 0xa4], "\u{4e2d}"),
            ("iso-2022-jp", Array("\u{1b}$BF|\u{1b}(B".utf8), "\u{65e5}"), ("utf-7", Array("+AOk-".utf8), "\u{e9}"),
            ("utf-16", [0xfe, 0xff, 0x00, 0x68, 0x00, 0xe9], "h\u{e9}"), ("windows-1251", [0xcf], "\u{41f}"),
            ("euc-kr", [0xb0, 0xa1], "\u{ac00}"), ("shift_jis", [0x93, 0xfa], "\u{65e5}"),
        ] as [(String, [UInt8], String)])
    func aTextIsReadInItsCharacterSet(_ charset: String, _ bytes: [UInt8], _ text: String) throws {
        let mail = Self.head + "Content-Type: text/plain; charset=\(charset)\n\n"
        let found = try read(Array(mail.utf8) + bytes)
        #expect(found.text == [text] && found.oddities.isEmpty, "\(found)")
        let word = bytes.map { "=" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
        let subject = try read("Subject: =?\(charset)?q?\(word)?=\n" + Self.head + "\n", "subject")
        #expect(subject.text == [text] && subject.oddities.isEmpty, "\(subject)")
    }

    @Test func bytesThatAreNotOfTheirCharacterSetAreReplacedAndNamed() throws {
        let found = try read(
            Array((Self.head + "Content-Type: text/plain; charset=gb2312\n\n").utf8) + [0xff, 0x41, 0xa3, 0xa1, 0xa3])
        #expect(found.text == ["\u{fffd}A\u{ff01}\u{fffd}"] && found.oddities == [.charset], "\(found)")
        let unknown = try read(
            Array((Self.head + "Content-Type: text/plain; charset=\"//\\\\no such\"\n\n").utf8) + [0xe9])
        #expect(unknown.text == ["\u{e9}"] && unknown.oddities == [.charset], "\(unknown)")
    }

    @Test(arguments: [
        "Fri, 21 Nov 1997 09:55:06 -0600", "21 Nov 97 15:55:06", "Fri, Nov 21 97 15:55:06", "Nov 21 15:55:06 1997",
        "Fri Nov 21 09:55:06 CST 1997", "21 Nov 1997 15:55:06+0000", "21-Nov-1997 15:55:06 GMT",
        "Friday, 21-Nov-97 10:55:06 EST", "1997-11-21T15:55:06Z", "1997-11-21 16:55:06.25 +01:00",
        "21 November 1997 15:55:06UTC", "Fri 21 Nov 1997 03:55:06 PM GMT", "21 Nov 1997 09:55:06 am -0600",
        "Fri, 21 Nov 1997 (yes) 09:55:06 -0600 (CST)",
    ])
    func aDateIsReadAsProgramsWroteIt(_ date: String) throws {
        let found = try read(Self.head.replacing("1 Jan 2000 00:00:00 +0000", with: date) + "\n", "sent_at")
        #expect(found.text == ["880127706000000"] && found.oddities.isEmpty, "\(found)")
    }

    @Test(arguments: [
        "32 Nov 1997 00:00", "1 Foo 1997 00:00", "1 Jan 2000 25:00", "1 Jan 2000", "12:30", "1 2 2000 00:00",
        "Jan 2000 00:00",
    ])
    func whatIsNoDateIsNone(_ date: String) throws {
        let mail = Self.head.replacing("1 Jan 2000 00:00:00 +0000", with: date) + "\n"
        #expect(try read(mail, "1").oddities == [.date])
    }

    @Test func aLineThatIsNoFieldBeginsTheTextAndIsNamed() throws {
        for (mail, text) in [
            (Self.head + "no field\nmore\n\nrest", "no field\nmore\n\nrest"), ("no header\nat: all\n\nrest", nil),
            ("-----BEGIN X-----\n\nrest", nil), ("\n" + Self.head, nil),
        ] {
            let found = try read(mail)
            #expect(
                found.text == [text ?? String(mail.drop { $0 == "\n" })] && found.oddities.contains(.header), "\(found)"
            )
        }
        #expect(try !read("From ada Sat Jan  1 00:00:00 2000\n" + Self.head + "\nx").oddities.contains(.header))
    }

    @Test func namesOfCharactersInHTMLAreRead() throws {
        let mail =
            Self.head
            + "Content-Type: text/html\n\n<p>&Auml;&yuml;&iexcl;&szlig; &euro;&#x20ac;&#8364; &no; &lt;b&gt;</p>"
        #expect(try read(mail).text == ["\n\u{c4}\u{ff}\u{a1}\u{df} \u{20ac}\u{20ac}\u{20ac} &no; <b>\n"])
    }

    @Test func aPartWithoutAHeaderKeepsItsText() throws {
        let mail = Self.head + "Content-Type: multipart/mixed; boundary=z\n\n--z\nfirst\n\nsecond\n--z--\n"
        #expect(try read(mail).text == ["first\n\nsecond"])
    }

    @Test func mailsInADigestAreAttachmentsWhereTheyDoNotSayOtherwise() throws {
        let mail =
            Self.head + "Content-Type: multipart/digest; boundary=z\n\n--z\n\nFrom: cy@x\n\nhidden\n"
            + "--z\nContent-Type: text/plain\n\nshown\n--z--\n"
        #expect(try read(mail).text == ["shown"])
        let files = try read(mail, "attachments").text
        #expect(
            files.count == 1 && files[0].contains("message/rfc822") && files[0].contains("\"bytes\":18"), "\(files)")
    }

    @Test(arguments: [
        ("filename*0=\"a b\"; filename*1=c.txt", "a bc.txt"), ("filename*=utf-8''%e2%82%ac.txt", "\u{20ac}.txt"),
        ("filename*0*=iso-8859-1'fr'caf%e9%20; filename*1=%41; filename*2*=%42", "caf\u{e9} %41B"),
        ("filename*=", "given"), ("filename=\"\"", "given"), ("filename*1=x", "given"),
    ])
    func aNameIsReadInEachOfItsForms(_ parameters: String, _ name: String) throws {
        let mail =
            Self.head + "Content-Type: application/x; name=given\nContent-Disposition: attachment; \(parameters)\n\nx"
        let files = try read(mail, "attachments").text
        #expect(files.count == 1 && files[0].contains("\"\(name)\""), "\(files)")
    }
}
