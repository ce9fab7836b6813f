import Glibc
import LegacyMailbox
import SQLite
import TestSupport
import Testing

/// A maildir made for a test, and the store it goes to.
struct MaildirFixture {
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

let plainMail = """
    Message-ID: <1@x>\r\nFrom: "Ada, of" <Ada@X.example>\r\nTo: bob@x.example (Bob),\r\n eve@x.example\r
    Date: Fri, 21 Nov 1997 09:55:06 -0600\r\nSubject: =?utf-8?q?caf=C3=A9?= =?ISO-8859-1?B?IOk=?=\r\n\r\nHello\r\n
    """

/// Imports what `prepare` puts into a maildir, checks, and imports it again: that changes nothing.
func importMaildir(
    owner: String? = nil, _ prepare: (MaildirFixture) throws -> Void,
    _ check: (MaildirFixture, MaildirImport.Report) throws -> Void
) throws {
    try withTemporaryDirectory { directory in
        let fixture = try MaildirFixture(directory)
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
