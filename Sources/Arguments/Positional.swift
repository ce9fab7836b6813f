/// An argument known by its place, as help, completions and the parser need it.
public struct PositionalDeclaration: Sendable {
    public enum Arity: Sendable, Equatable {
        case one
        case optional
        /// Any number, also none; the last of a command's arguments.
        case many
    }

    /// As the usage line shows it, for example `FILE|-`; also the key under which the value is kept.
    public let name: String
    public let help: String
    public let arity: Arity
    public let completion: Completion
    let convert: @Sendable (String?) throws(ConversionError) -> any Sendable
}

/// An argument known by its place together with its type.
public struct Positional<Value: Sendable>: Sendable {
    public let declaration: PositionalDeclaration

    /// An argument that must be given.
    public static func one(
        _ name: String, help: String, completion: Completion = .nothing,
        convert: @escaping @Sendable (String) throws(ConversionError) -> Value
    ) -> Positional {
        Positional(
            declaration: PositionalDeclaration(
                name: name, help: help, arity: .one, completion: completion,
                convert: { (text) throws(ConversionError) -> any Sendable in
                    guard let text else { throw ConversionError("is missing") }
                    return try convert(text)
                }))
    }

    /// The last arguments, any number of them.
    public static func many<Element: Sendable>(
        _ name: String, help: String, completion: Completion = .nothing,
        convert: @escaping @Sendable (String) throws(ConversionError) -> Element
    ) -> Positional where Value == [Element] {
        Positional(
            declaration: PositionalDeclaration(
                name: name, help: help, arity: .many, completion: completion,
                convert: { (text) throws(ConversionError) -> any Sendable in
                    guard let text else { throw ConversionError("is missing") }
                    return try convert(text)
                }))
    }

    /// An argument that may be left out; such arguments come after all that must be given.
    public static func optional<Wrapped>(
        _ name: String, help: String, completion: Completion = .nothing,
        convert: @escaping @Sendable (String) throws(ConversionError) -> Wrapped
    ) -> Positional where Value == Wrapped? {
        Positional(
            declaration: PositionalDeclaration(
                name: name, help: help, arity: .optional, completion: completion,
                convert: { (text) throws(ConversionError) -> any Sendable in
                    let value: Wrapped?
                    if let text { value = try convert(text) } else { value = nil }
                    return value
                }))
    }
}
