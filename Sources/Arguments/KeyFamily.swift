/// Keys of a configuration that another program names, all below one prefix: they are taken as they are.
///
/// They come from the configuration file and from variables, never from the command line, where everybody sees them.
public struct KeyFamily: Sendable {
    /// Before the keys of a file, such as `kafka.`.
    public let prefix: String
    /// Before the variables, such as `PARLEY_KAFKA_`; what follows is the key in capitals, `_` for each point.
    public let variablePrefix: String
    /// One line for the help text.
    public let help: String

    public init(prefix: String, variablePrefix: String, help: String) {
        self.prefix = prefix
        self.variablePrefix = variablePrefix
        self.help = help
    }

    /// The keys and values without the prefix; a variable beats the file.
    func values(environment: [String: String], file: ConfigurationFile?) -> [String: String] {
        var values: [String: String] = [:]
        for (key, value) in file?.entries ?? [] where covers(key) {
            values[String(key.dropFirst(prefix.count))] = value
        }
        for (name, value) in environment where name.hasPrefix(variablePrefix) && !value.isEmpty {
            let words = name.dropFirst(variablePrefix.count).lowercased()
            values[String(words.map { $0 == "_" ? "." : $0 })] = value
        }
        return values
    }

    func covers(_ key: String) -> Bool { key.hasPrefix(prefix) && key != prefix }
}
