import Arguments
import Deployment
import LegacyMailbox
import Replication

/// In which form the records of `legacy-writes` are.
enum LegacyRecordOptions {
    static let format = Option.value(
        "format", placeholder: "FORMAT", default: "parley", defaultText: "parley",
        help: "Of the legacy writes: parley (protobuf or JSON), or debezium (change envelopes in JSON).",
        variable: "PARLEY_LEGACY_FORMAT", convert: Values.word(of: ["parley", "debezium"]))
    static let mapping = Option<String?>.optional(
        "mapping", placeholder: "FILE", help: "With debezium: which tables and columns mean what, JSON.",
        defaultText: "our own tables", completion: .file, variable: "PARLEY_LEGACY_MAPPING", convert: Values.nonEmpty)

    static let declarations: [OptionDeclaration] = [format.declaration, mapping.declaration]

    /// - Throws: `LegacyError` with `configuration`, `Failure` when the file cannot be read or is for another format.
    static func records(_ arguments: ParsedArguments, _ settings: DeploymentSettings) throws -> LegacyRecords {
        LegacyRecords(
            format: try legacyFormat(arguments), namespace: settings.namespace,
            translator: try ReplicationFaults.translator())
    }

    private static func legacyFormat(_ arguments: ParsedArguments) throws -> any LegacyFormat {
        guard arguments[format] == "debezium" else {
            guard arguments[mapping] == nil else {
                throw Failure(.wrongUsage, "--mapping: is for --format debezium")
            }
            return OwnFormat()
        }
        return DebeziumFormat(mapping: try readMapping(arguments))
    }

    /// That of our own tables when none is given.
    /// - Throws: `LegacyError` with `configuration`, `Failure` when the file cannot be read.
    static func readMapping(_ arguments: ParsedArguments) throws -> LegacyMapping {
        guard let file = arguments[mapping] else { return .own }
        return try LegacyMapping(json: try InputFile.readAll(file, limit: 1 << 20))
    }
}
