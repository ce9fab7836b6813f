import Arguments
import Messaging

/// The options of every command; each also a variable and a key of the configuration file.
enum GlobalOptions {
    static let data = Option.value(
        "data", placeholder: "DIR", default: "./parley-data", defaultText: "./parley-data",
        help: "Everything the embedded default keeps: log, views, keys.", completion: .directory,
        variable: "PARLEY_DATA", convert: Values.nonEmpty)

    static let log = Option<String?>.optional(
        "log", placeholder: "URL", help: "The log: sqlite:DIR or kafka:HOST:PORT,...",
        defaultText: "sqlite: under the data directory", variable: "PARLEY_LOG", convert: Values.nonEmpty)

    static let sharedStore = Option<String?>.optional(
        "shared-store", placeholder: "URL",
        help: "The store of the shared-content view: sqlite:FILE or postgres://... (no password in it).",
        defaultText: "sqlite: under the data directory", variable: "PARLEY_SHARED_STORE", convert: Values.nonEmpty)

    static let personalStore = Option<String?>.optional(
        "personal-store", placeholder: "URL", help: "The store of the personal-metadata view, likewise.",
        defaultText: "sqlite: under the data directory", variable: "PARLEY_PERSONAL_STORE", convert: Values.nonEmpty)

    static let replicationStore = Option<String?>.optional(
        "replication-store", placeholder: "URL", help: "The replicator's own store, likewise.",
        defaultText: "sqlite: under the data directory", variable: "PARLEY_REPLICATION_STORE",
        convert: Values.nonEmpty)

    static let keyFile = Option<String?>.optional(
        "key-file", placeholder: "FILE",
        help: "The master key, mode 0600; the variable PARLEY_MASTER_KEY may hold the key itself, in hexadecimal.",
        defaultText: "keys/master.key under the data directory", completion: .file, variable: "PARLEY_KEY_FILE",
        convert: Values.nonEmpty)

    static let namespace = Option.value(
        "namespace", placeholder: "UUID", default: Identifier.defaultNamespace,
        defaultText: "\(Identifier.defaultNamespace)",
        help: "From which the ids of direct conversations come; fixed for the life of the deployment.",
        variable: "PARLEY_NAMESPACE", convert: IDValues.identifier)

    static let configuration = Option<String?>.optional(
        "config", placeholder: "FILE", help: "A file of the same keys, JSON or lines key = value.", completion: .file,
        variable: "PARLEY_CONFIG", convert: Values.nonEmpty)

    static let kafka = KeyFamily(
        prefix: "kafka.", variablePrefix: "PARLEY_KAFKA_",
        help: "every setting of librdkafka by its own name, such as kafka.sasl.password or PARLEY_KAFKA_SASL_PASSWORD.")

    static let json = Option.flag(
        "json", help: "One JSON object, or JSON Lines for lists; without it a table for people.")

    static let progress = Option.flag("progress", help: "Show progress on standard error though it is no terminal.")

    static let all: [OptionDeclaration] = [
        data.declaration, log.declaration, sharedStore.declaration, personalStore.declaration,
        replicationStore.declaration,
        keyFile.declaration, namespace.declaration, configuration.declaration, json.declaration, progress.declaration,
    ]
}
