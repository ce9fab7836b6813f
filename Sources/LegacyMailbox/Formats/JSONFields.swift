import Messaging
import Wire

/// The fields of one JSON object, read by name with errors that name them.
struct JSONFields {
    private let object: JSONValue

    /// - Throws: `LegacyError` with `malformed` when the bytes are no JSON object.
    init(_ json: [UInt8]) throws(LegacyError) {
        do { try self.init(JSONValue(parsing: json)) } catch let error as LegacyError { throw error } catch {
            throw LegacyError(.malformed, "a legacy write that is not JSON", cause: error)
        }
    }

    init(_ value: JSONValue) throws(LegacyError) {
        guard case .object = value else { throw LegacyError(.malformed, "JSON that is no object") }
        object = value
    }

    private func wrong(_ name: String, _ what: String) -> LegacyError {
        LegacyError(.malformed, "\(name): \(what): mend the producer")
    }

    /// The value; `nil` when it is null or absent.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    /// Whether there is such a field, null or not.
    func has(_ name: String) -> Bool { object[name] != nil }

    var names: [String] {
        guard case .object(let fields) = object else { return [] }
        return fields.map { String(decoding: $0.name, as: UTF8.self) }
    }

    /// - Throws: when there is a field of another name: a typing error must not pass in silence.
    func expect(only known: [String]) throws(LegacyError) {
        for name in names where !known.contains(name) { throw wrong(name, "there is no such field") }
    }

    func optionalText(_ name: String) throws(LegacyError) -> [UInt8]? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { throw wrong(name, "is not text") }
        return text
    }

    func text(_ name: String) throws(LegacyError) -> [UInt8] {
        guard let text = try optionalText(name) else { throw wrong(name, "is missing") }
        return text
    }

    func optionalInt(_ name: String) throws(LegacyError) -> Int64? {
        guard let value = value(name) else { return nil }
        guard case .int(let number) = value else { throw wrong(name, "is no integer of 64 bits") }
        return number
    }

    func int(_ name: String) throws(LegacyError) -> Int64 {
        guard let number = try optionalInt(name) else { throw wrong(name, "is missing") }
        return number
    }

    func bool(_ name: String) throws(LegacyError) -> Bool {
        guard case .bool(let value)? = value(name) else { throw wrong(name, "is not true or false") }
        return value
    }

    func texts(_ name: String) throws(LegacyError) -> [[UInt8]] {
        guard case .array(let elements)? = value(name) else { throw wrong(name, "is no list") }
        var texts: [[UInt8]] = []
        for element in elements {
            guard case .string(let text) = element else { throw wrong(name, "is no list of texts") }
            texts.append(text)
        }
        return texts
    }

    func attachments(_ name: String) throws(LegacyError) -> [LegacyAttachment] {
        guard case .array(let elements)? = value(name) else { throw wrong(name, "is no list") }
        var attachments: [LegacyAttachment] = []
        for element in elements {
            let fields = try JSONFields(element)
            attachments.append(
                LegacyAttachment(
                    uri: try fields.text("uri"), mediaType: try fields.text("mediaType"),
                    name: try fields.text("name"), bytes: try fields.int("bytes")))
        }
        return attachments
    }
}

extension JSONWriter {
    mutating func field(_ name: StaticString, _ text: [UInt8]?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    mutating func field(_ name: StaticString, _ number: Int64?) {
        key(name)
        if let number { int(number) } else { null() }
    }

    mutating func list(_ texts: [[UInt8]]) {
        beginArray()
        for text in texts { string(text) }
        endArray()
    }

    mutating func list(_ attachments: [LegacyAttachment]) {
        beginArray()
        for attachment in attachments {
            beginObject()
            field("uri", attachment.uri)
            field("mediaType", attachment.mediaType)
            field("name", attachment.name)
            field("bytes", attachment.bytes)
            endObject()
        }
        endArray()
    }
}
