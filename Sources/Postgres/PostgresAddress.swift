import CPostgres

/// Where a database is and how to get there: a connection URL as libpq reads it, without a password.
///
/// ```swift
/// let address = try PostgresAddress(url: "postgres://parley@db.example/parley?sslmode=verify-full")
/// ```
///
/// Everything libpq understands may be in it: several hosts, `target_session_attrs`, `sslmode`, `sslrootcert`, `passfile`.
/// A password may not: it would show in lists of processes and in logs. libpq takes it from `PGPASSWORD`, from the file
/// that `PGPASSFILE` or `passfile=` names, or from `~/.pgpass`.
public struct PostgresAddress: Sendable, Equatable {
    /// libpq's keywords and values, in its order.
    let options: [(keyword: String, value: String)]

    /// What is set where the URL says nothing: a connection that hangs is noticed within a minute.
    private static let defaults = [
        ("connect_timeout", "10"), ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
        ("tcp_user_timeout", "30000"), ("application_name", "parley"),
    ]

    /// - Throws: `PostgresError` with `configuration` when libpq does not understand it, or when it holds a password.
    public init(url: String) throws(PostgresError) {
        var text: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(url, &text) else {
            // libpq's own words quote the URL, password and all.
            PQfreemem(text)
            throw PostgresError(
                .configuration, "the URL of a database cannot be read: give postgres://USER@HOST:PORT/DATABASE?...")
        }
        defer { PQconninfoFree(parsed) }
        var found: [(keyword: String, value: String)] = []
        var next = parsed
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val { found.append((String(cString: keyword), String(cString: value))) }
            next += 1
        }
        for secret in ["password", "sslpassword"] where found.contains(where: { $0.keyword == secret }) {
            throw PostgresError(
                .configuration,
                "the URL of a database holds a password: leave it out, and give it in PGPASSWORD, or in a file named by "
                    + "PGPASSFILE or ?passfile=FILE")
        }
        for (keyword, value) in Self.defaults where !found.contains(where: { $0.keyword == keyword }) {
            found.append((keyword, value))
        }
        options = found
    }

    public static func == (left: PostgresAddress, right: PostgresAddress) -> Bool {
        left.options.elementsEqual(right.options) { $0 == $1 }
    }

    /// The same place, as another role.
    public func with(user: String) -> PostgresAddress { with("user", user) }

    /// The same server, another database.
    public func with(database: String) -> PostgresAddress { with("dbname", database) }

    /// One of libpq's settings set otherwise.
    public func with(_ keyword: String, _ value: String) -> PostgresAddress {
        PostgresAddress(options: options.filter { $0.keyword != keyword } + [(keyword, value)])
    }

    /// A connection URL for another process, without a password.
    public var url: String {
        "postgres://?" + options.map { "\($0.keyword)=\(Self.escaped($0.value))" }.joined(separator: "&")
    }

    /// Percent-encoded (RFC 3986), but for what never needs it.
    private static func escaped(_ value: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return value.utf8.reduce(into: "") { text, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                text.unicodeScalars.append(UnicodeScalar(byte))
            default: text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }

    private init(options: [(keyword: String, value: String)]) { self.options = options }

    /// Role, host and database, for messages.
    public var description: String {
        let part = { (keyword: String) in options.first { $0.keyword == keyword }?.value }
        let host = part("host") ?? part("hostaddr") ?? "the default host"
        let port = part("port").map { ":\($0)" } ?? ""
        return "\(part("user").map { "\($0)@" } ?? "")\(host)\(port)/\(part("dbname") ?? "")"
    }
}

extension PostgresAddress: CustomStringConvertible {}
