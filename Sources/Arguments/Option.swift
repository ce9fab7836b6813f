/// What the shell offers to complete a value with.
public enum Completion: Sendable, Equatable {
    case nothing
    case file
    case directory
    case words([String])
}

/// An option as help, completions and the parser need it; its type is known to the `Option` that made it.
public struct OptionDeclaration: Sendable {
    public enum Kind: Sendable, Equatable {
        /// Present or not.
        case flag
        /// Takes one value; given again, the last one holds.
        case value
        /// Takes one value each time it is given.
        case list
    }

    /// Without the two dashes; also its key in a configuration file.
    public let name: String
    public let kind: Kind
    /// What stands for the value in the help text; empty for a flag.
    public let placeholder: String
    public let help: String
    /// The default as the help text shows it.
    public let defaultText: String?
    public let isRequired: Bool
    public let completion: Completion
    /// The environment variable that gives the value when no flag does. Such an option may also stand in the file.
    public let variable: String?
    /// From all texts given, in order, to the value; with none given, the default.
    let convert: @Sendable ([String]) throws(ConversionError) -> any Sendable
}

/// An option together with the type of its value. Declare it once, then ask the parsed arguments for it.
public struct Option<Value: Sendable>: Sendable {
    public let declaration: OptionDeclaration

    /// - Parameters:
    ///   - defaultText: the default as the help text shows it, `nil` when there is none to show.
    ///   - convert: from all texts given, in order (at least one when `isRequired`), to the value.
    public init(
        _ name: String, kind: OptionDeclaration.Kind, placeholder: String, help: String, defaultText: String? = nil,
        isRequired: Bool = false, completion: Completion = .nothing, variable: String? = nil,
        convert: @escaping @Sendable ([String]) throws(ConversionError) -> Value
    ) {
        declaration = OptionDeclaration(
            name: name, kind: kind, placeholder: placeholder, help: help, defaultText: defaultText,
            isRequired: isRequired, completion: completion, variable: variable,
            convert: { (texts) throws(ConversionError) -> any Sendable in try convert(texts) })
    }

    /// One value that must be given.
    public static func required(
        _ name: String, placeholder: String, help: String, completion: Completion = .nothing,
        convert: @escaping @Sendable (String) throws(ConversionError) -> Value
    ) -> Option {
        Option(
            name, kind: .value, placeholder: placeholder, help: help, isRequired: true, completion: completion
        ) { (texts) throws(ConversionError) -> Value in try convert(texts[texts.count - 1]) }
    }

    /// One value with a default.
    public static func value(
        _ name: String, placeholder: String, default fallback: Value, defaultText: String, help: String,
        completion: Completion = .nothing, variable: String? = nil,
        convert: @escaping @Sendable (String) throws(ConversionError) -> Value
    ) -> Option {
        Option(
            name, kind: .value, placeholder: placeholder, help: help, defaultText: defaultText,
            completion: completion, variable: variable
        ) { (texts) throws(ConversionError) -> Value in
            guard let text = texts.last else { return fallback }
            return try convert(text)
        }
    }

    /// One value that may be absent; `defaultText` says what happens then, when help does not.
    public static func optional<Wrapped>(
        _ name: String, placeholder: String, help: String, defaultText: String? = "none",
        completion: Completion = .nothing, variable: String? = nil,
        convert: @escaping @Sendable (String) throws(ConversionError) -> Wrapped
    ) -> Option where Value == Wrapped? {
        Option(
            name, kind: .value, placeholder: placeholder, help: help, defaultText: defaultText,
            completion: completion, variable: variable
        ) { (texts) throws(ConversionError) -> Value in
            guard let text = texts.last else { return nil }
            return try convert(text)
        }
    }

    /// Any number of values, one each time the option is given.
    public static func list<Element>(
        _ name: String, placeholder: String, help: String, completion: Completion = .nothing,
        convert: @escaping @Sendable (String) throws(ConversionError) -> Element
    ) -> Option where Value == [Element] {
        Option(
            name, kind: .list, placeholder: placeholder, help: help, defaultText: "none; may be given again",
            completion: completion
        ) { (texts) throws(ConversionError) -> Value in
            var values: [Element] = []
            for text in texts { values.append(try convert(text)) }
            return values
        }
    }
}

extension Option where Value == Bool {
    /// Present or not; in a variable or a file, `true` or `false`.
    public static func flag(_ name: String, help: String, variable: String? = nil) -> Option {
        Option(
            name, kind: .flag, placeholder: "", help: help, defaultText: "off", variable: variable
        ) { (texts) throws(ConversionError) -> Bool in
            switch texts.last {
            case nil, "false": return false
            case "true": return true
            default: throw ConversionError("is neither true nor false")
            }
        }
    }
}
