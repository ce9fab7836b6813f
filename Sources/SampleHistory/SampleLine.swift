import Messaging

/// One command as a JSON line. Every text that is put in is free of characters that JSON escapes.
struct SampleLine {
    private var bytes: [UInt8] = []

    init(_ command: StaticString, id: CommandID, actor: MemberID) {
        bytes.reserveCapacity(512)
        bytes.append(contentsOf: #"{"id":""#.utf8)
        id.value.appendText(to: &bytes)
        bytes.append(contentsOf: #"","command":""#.utf8)
        command.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        add("actor", actor.value)
    }

    mutating func add(_ key: StaticString, _ id: Identifier) {
        open(key)
        quote(id)
    }

    mutating func add(_ key: StaticString, _ ids: [Identifier]) {
        open(key)
        list(ids)
    }

    mutating func add(_ key: StaticString, _ text: String) {
        open(key)
        quote(text)
    }

    mutating func add(_ key: StaticString, _ on: Bool) {
        open(key)
        bytes.append(contentsOf: (on ? "true" : "false").utf8)
    }

    mutating func add(_ key: StaticString, _ number: Int64) {
        open(key)
        bytes.append(contentsOf: String(number).utf8)
    }

    mutating func addContent(_ text: String, mentions: [MemberID], attachment: (name: String, bytes: Int64)?) {
        open("content")
        bytes.append(contentsOf: #"{"text":"#.utf8)
        quote(text)
        if !mentions.isEmpty {
            open("mentions")
            list(mentions.map(\.value))
        }
        if let attachment {
            open("attachments")
            bytes.append(contentsOf: #"[{"uri":"https://files.example/"#.utf8)
            bytes.append(contentsOf: attachment.name.utf8)
            bytes.append(contentsOf: #"","mediaType":"image/png","bytes":"#.utf8)
            bytes.append(contentsOf: String(attachment.bytes).utf8)
            bytes.append(contentsOf: #","name":"#.utf8)
            quote(attachment.name)
            bytes.append(contentsOf: "}]".utf8)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The line with its line feed.
    func appendFinished(to output: inout [UInt8]) {
        output.append(contentsOf: bytes)
        output.append(contentsOf: "}\n".utf8)
    }

    private mutating func open(_ key: StaticString) {
        bytes.append(contentsOf: #",""#.utf8)
        key.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: #"":"#.utf8)
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func quote(_ id: Identifier) {
        bytes.append(UInt8(ascii: "\""))
        id.appendText(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func list(_ ids: [Identifier]) {
        bytes.append(UInt8(ascii: "["))
        for index in ids.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            quote(ids[index])
        }
        bytes.append(UInt8(ascii: "]"))
    }
}
