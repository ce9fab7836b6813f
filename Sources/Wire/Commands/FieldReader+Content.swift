import Messaging

extension FieldReader {
    private enum ContentField: Int {
        case text, mentions, attachments
        static let table = WordTable(["text", "mentions", "attachments"])
    }

    private enum AttachmentField: Int {
        case uri, mediaType, bytes, name
        static let table = WordTable(["uri", "mediaType", "bytes", "name"])
    }

    /// A member's content, with all the limits of SEMANTICS rule 18.
    mutating func content(_ index: Int) -> Content {
        let content = unlimitedContent(index)
        if content.mentions.count > Limits.mentions {
            violations.note(
                .tooLarge, "content.mentions has \(content.mentions.count) members; the limit is \(Limits.mentions)")
        }
        if content.attachments.count > Limits.attachments {
            violations.note(
                .tooLarge,
                "content.attachments has \(content.attachments.count) of them; the limit is \(Limits.attachments)")
        }
        // The canonical form is never longer than what stands here but for an absent text: `"text":"",`.
        let token = document.tokens[index]
        if Int(token.end - token.start) + 10 > Limits.contentBytes {
            let size = content.canonicalJSON().count
            if size > Limits.contentBytes {
                violations.note(
                    .tooLarge, "content has \(size) bytes in canonical form; the limit is \(Limits.contentBytes)")
            }
        }
        return content
    }

    /// Content of the right form; of any size.
    mutating func unlimitedContent(_ index: Int) -> Content {
        var content = Content(text: [])
        guard document.tokens[index].kind == .object else {
            violations.note(.badValue, "content is not an object")
            return content
        }
        var places: (text: Int?, mentions: Int?, attachments: Int?)
        var seen = 0
        let document = document
        document.forEachName(inObjectAt: index) { name, value in
            let known = field(name, in: ContentField.table, &seen, "content").flatMap(ContentField.init)
            guard let known, document.tokens[value].kind != .null else { return }
            switch known {
            case .text: places.text = value
            case .mentions: places.mentions = value
            case .attachments: places.attachments = value
            }
        }
        if let list = places.mentions { content.mentions = ids(list, limit: .max, "content.mentions") }
        var hasAttachments = false
        if let list = places.attachments {
            content.attachments = attachments(list)
            hasAttachments = !content.attachments.isEmpty
        }
        if let text = places.text {
            content.text = self.text(text, "content.text")
            if content.text.isEmpty && !hasAttachments {
                violations.note(.badValue, "content.text is empty and there are no attachments")
            }
        } else if !hasAttachments {
            violations.note(.missingField, "content.text is missing and there are no attachments")
        }
        return content
    }

    private mutating func attachments(_ index: Int) -> [Attachment] {
        guard document.tokens[index].kind == .array else {
            violations.note(.badValue, "content.attachments is not a list")
            return []
        }
        var attachments: [Attachment] = []
        let document = document
        document.forEachElement(inArrayAt: index) { element in
            attachments.append(attachment(element, "content.attachments[\(attachments.count)]"))
        }
        return attachments
    }

    private mutating func attachment(_ index: Int, _ place: @autoclosure () -> String) -> Attachment {
        var attachment = Attachment(uri: [])
        guard document.tokens[index].kind == .object else {
            violations.note(.badValue, "\(place()) is not an object")
            return attachment
        }
        var seen = 0
        var hasURI = false
        let document = document
        document.forEachName(inObjectAt: index) { name, value in
            let known = field(name, in: AttachmentField.table, &seen, place()).flatMap(AttachmentField.init)
            guard let known, document.tokens[value].kind != .null else { return }
            switch known {
            case .uri:
                hasURI = true
                attachment.uri = text(value, "\(place()).uri")
            case .mediaType: attachment.mediaType = text(value, "\(place()).mediaType")
            case .bytes: attachment.bytes = naturalNumber(value, "\(place()).bytes")
            case .name: attachment.name = text(value, "\(place()).name")
            }
        }
        if !hasURI { violations.note(.missingField, "\(place()).uri is missing") }
        return attachment
    }

    /// Which word of the table a name is; a name that is none, or that was seen before, is noted.
    private mutating func field(
        _ name: JSONToken, in table: WordTable, _ seen: inout Int, _ place: @autoclosure () -> String
    ) -> Int? {
        guard let known = document.withString(name, { table.index(of: $0) }) else {
            violations.note(.unknownField, "\(document.shown(name)) of \(place()) is not known")
            return nil
        }
        if seen & 1 << known != 0 {
            violations.note(.duplicateKey, "\(document.shown(name)) of \(place()) stands twice")
        }
        seen |= 1 << known
        return known
    }
}
