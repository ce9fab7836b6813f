import Messaging
import Wire

extension JSONValue {
    /// - Throws: `WireError` when the text is not JSON.
    init(_ text: String) throws { self = try JSONValue(parsing: Array(text.utf8)) }

    var text: String? { if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil } }
    var number: Int64? { if case .int(let number) = self { number } else { nil } }
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    var names: [String] {
        guard case .object(let fields) = self else { return [] }
        return fields.map { String(decoding: $0.name, as: UTF8.self) }
    }
}

/// Lines of commands that tests tell apart by numbers.
enum Lines {
    static func member(_ number: UInt64) -> String { "\(Identifier(high: 1 << 32, low: number))" }
    static func conversation(_ number: UInt64) -> String { "\(Identifier(high: 2 << 32, low: number))" }
    static func command(_ number: UInt64) -> String { "\(Identifier(high: 3 << 32, low: number))" }

    static func send(_ number: UInt64, conversation: UInt64 = 1, text: String? = nil) -> String {
        #"{"id":"\#(command(number))","command":"send","actor":"\#(member(1))","#
            + #""conversation":"\#(self.conversation(conversation))","#
            + #""content":{"text":"\#(text ?? "number \(number)")"}}"#
    }
}
