/// Where a log is kept, from its URL.
public enum LogLocation: Sendable, Equatable {
    /// A directory of this machine.
    case sqlite(directory: String)
    /// Brokers as `HOST:PORT,...`.
    case kafka(brokers: String)

    /// - Parameter url: `sqlite:DIR` or `kafka:HOST:PORT,...`.
    /// - Throws: `DeploymentError` with `configuration`.
    public init(url: String) throws(DeploymentError) {
        let (scheme, rest) = splitScheme(url)
        switch scheme {
        case "sqlite" where !rest.isEmpty: self = .sqlite(directory: rest)
        case "kafka" where !rest.isEmpty: self = .kafka(brokers: rest)
        default:
            throw DeploymentError(.configuration, "log: \"\(url)\": give sqlite:DIR or kafka:HOST:PORT,...")
        }
    }
}

/// Where a view is kept, from its URL.
public enum StoreLocation: Sendable, Equatable {
    /// A file of this machine.
    case sqlite(file: String)
    /// A connection URL as libpq reads it, without a password.
    case postgres(url: String)

    /// - Parameters:
    ///   - url: `sqlite:FILE` or `postgres://...`.
    ///   - view: what it is called in messages.
    /// - Throws: `DeploymentError` with `configuration`.
    public init(url: String, view: String) throws(DeploymentError) {
        let (scheme, rest) = splitScheme(url)
        switch scheme {
        case "sqlite" where !rest.isEmpty: self = .sqlite(file: rest)
        case "postgres", "postgresql":
            _ = try DeploymentSettings.address(url)
            self = .postgres(url: url)
        default:
            throw DeploymentError(.configuration, "\(view) store: \"\(url)\": give sqlite:FILE or postgres://...")
        }
    }
}

private func splitScheme(_ url: String) -> (scheme: Substring, rest: String) {
    guard let colon = url.firstIndex(of: ":") else { return ("", url) }
    return (url[..<colon], String(url[url.index(after: colon)...]))
}
