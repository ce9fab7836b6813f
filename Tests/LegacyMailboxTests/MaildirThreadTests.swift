import LegacyMailbox
import Testing

/// Which mails make a thread, and who is in it.
@Suite struct MaildirThreadTests {
    @Test func repliesAndEqualSubjectsOfTheSamePeopleMakeThreads() throws {
        func mail(_ id: String, _ subject: String, _ minute: Int, _ more: String = "", to: String = "bob@x.example")
            -> String
        {
            "Message-ID: <\(id)>\nFrom: ada@x.example\nTo: \(to)\nDate: 21 Nov 1997 09:\(minute):06 +0000\n"
                + "Subject: \(subject)\n\(more)\nbody\n"
        }
        try importMaildir {
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
        try importMaildir(owner: "kim@x") {
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
        try importMaildir {
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
}
