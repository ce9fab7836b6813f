/// Any JSON value, for tools and tests; commands have their own reader, which builds no values.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// In integer syntax and within 64 bits.
    case int(Int64)
    /// Any other number, as it stands.
    case number([UInt8])
    /// UTF-8.
    case string([UInt8])
    case array([JSONValue])
    /// In the order of the text; no name stands twice.
    case object([Field])

    /// A name and its value.
    public struct Field: Sendable, Equatable {
        public var name: [UInt8]
        public var value: JSONValue

        public init(_ name: [UInt8], _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// Reads exactly one value; white space may stand around it.
    /// - Parameter depthLimit: how deep containers may lie in each other, at most 512.
    /// - Throws: `notJSON`, which is also for a name that stands twice, text that is not UTF-8 and nesting too deep.
    public init(parsing text: UnsafeRawBufferPointer, depthLimit: Int = 32) throws(WireError) {
        precondition((0...512).contains(depthLimit), "values are built by recursion")
        var scanner = JSONScanner()
        do throws(JSONFault) {
            try scanner.scan(text, depthLimit: depthLimit)
        } catch {
            throw WireError(.notJSON, error.reason)
        }
        guard scanner.depth <= depthLimit else {
            throw WireError(.notJSON, "nested \(scanner.depth) deep; the limit is \(depthLimit)")
        }
        let document = JSONDocument(text: text, tokens: scanner.tokens)
        if let offset = document.firstDuplicateName() {
            throw WireError(.notJSON, "a name stands twice in one object, at byte \(offset + 1)")
        }
        self = document.value(at: 0)
    }

    /// Reads the UTF-8 bytes of a value.
    public init(parsing text: [UInt8], depthLimit: Int = 32) throws(WireError) {
        self = try text.span.bytes.withUnsafeBytes { raw throws(WireError) in
            try JSONValue(parsing: raw, depthLimit: depthLimit)
        }
    }

    /// The value of a field; `nil` when this is no object or has no such field.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let fields) = self else { return nil }
        return fields.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    /// Writes the value; numbers as they stood.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .int(let value): writer.int(value)
        case .number(let text): writer.raw(text)
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .object(let fields):
            writer.beginObject()
            for field in fields {
                writer.key(field.name)
                field.value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}

extension JSONDocument {
    fileprivate func value(at index: Int) -> JSONValue {
        let token = tokens[index]
        switch token.kind {
        case .null: return .null
        case .boolTrue: return .bool(true)
        case .boolFalse: return .bool(false)
        case .number: return integer(token).map { .int($0) } ?? .number(Array(raw(token)))
        case .string: return .string(string(token))
        case .array:
            var elements: [JSONValue] = []
            forEachElement(inArrayAt: index) { elements.append(value(at: $0)) }
            return .array(elements)
        case .object:
            var fields: [JSONValue.Field] = []
            forEachName(inObjectAt: index) { name, place in
                fields.append(JSONValue.Field(string(name), value(at: place)))
            }
            return .object(fields)
        }
    }
}
