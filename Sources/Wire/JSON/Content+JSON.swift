public import Messaging

extension Content {
    /// The one JSON text of this content: what is sealed, and what sizes are measured in.
    ///
    /// Names sorted, no spaces, empty lists and absent values left out, `text` always there, and in strings only quote,
    /// backslash and controls escaped (`\b \f \n \r \t`, others `\u00xx` in lower case).
    public func canonicalJSON() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count + 32)
        var writer = JSONWriter(appendingTo: bytes)
        write(to: &writer)
        return writer.bytes
    }

    /// Writes the canonical form as a value.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if !attachments.isEmpty {
            writer.key("attachments")
            writer.beginArray()
            for attachment in attachments { attachment.write(to: &writer) }
            writer.endArray()
        }
        if !mentions.isEmpty {
            writer.key("mentions")
            writer.beginArray()
            for member in mentions { writer.id(member) }
            writer.endArray()
        }
        writer.key("text")
        writer.string(text)
        writer.endObject()
    }

    /// Reads what `canonicalJSON` wrote, of any size; nothing else.
    /// - Throws: `notCanonical` for any other bytes.
    public init(canonicalJSON bytes: UnsafeRawBufferPointer) throws(WireError) {
        var scanner = JSONScanner()
        do throws(JSONFault) {
            try scanner.scan(bytes, depthLimit: 3)
        } catch {
            throw WireError(.notCanonical, "content: \(error.reason)")
        }
        guard scanner.depth <= 3 else { throw WireError(.notCanonical, "content: nested \(scanner.depth) deep") }
        var reader = FieldReader(document: JSONDocument(text: bytes, tokens: scanner.tokens))
        let content = reader.unlimitedContent(0)
        // An empty text without attachments has a canonical form too, though no member may send it.
        if let worst = reader.violations.worst, worst.code != .badValue || content != Content(text: []) {
            throw WireError(.notCanonical, worst.reason)
        }
        guard content.canonicalJSON().elementsEqual(bytes) else {
            throw WireError(.notCanonical, "content: not the one form that its values have")
        }
        self = content
    }

    /// The same of an array.
    public init(canonicalJSON bytes: [UInt8]) throws(WireError) {
        self = try bytes.span.bytes.withUnsafeBytes { raw throws(WireError) in try Content(canonicalJSON: raw) }
    }
}

extension Attachment {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if let bytes {
            writer.key("bytes")
            writer.int(bytes)
        }
        if let mediaType {
            writer.key("mediaType")
            writer.string(mediaType)
        }
        if let name {
            writer.key("name")
            writer.string(name)
        }
        writer.key("uri")
        writer.string(uri)
        writer.endObject()
    }
}
