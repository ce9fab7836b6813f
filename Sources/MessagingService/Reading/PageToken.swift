import EventLog
import Messaging
import PersonalMetadata
import SharedContent

/// Where a list goes on: given out with a page as one opaque word, and taken back for the next one.
///
/// It names a place, not a page, so it stays good while the list changes, and for any limit.
public struct PageToken: Hashable, Sendable {
    /// A place, by the list it belongs to.
    enum Place: Hashable, Sendable {
        case mailbox(MailboxPlace)
        case archive(MailboxPlace)
        case unread(MailboxPlace)
        case messages(MessagePlace)
        case participants(ParticipantPlace)
        case stars(StarPlace)
        case receipts(MemberID)
        case rejections(partition: Int32, offset: Int64)
    }

    let place: Place

    init(_ place: Place) { self.place = place }

    private static let version: UInt8 = 1

    /// - Parameter text: a word as ``description`` gives it; anything else, altered ones included, gives `nil`.
    public init?(text: String) {
        guard let bytes = Base64URL.decode(text.utf8), bytes.count > 6, bytes[0] == Self.version,
            let place = Place(kind: bytes[1], fields: bytes[2..<bytes.count - 4])
        else { return nil }
        self.init(place)
        guard description == text else { return nil }
    }

    /// FNV-1a of 32 bits: against typing and cutting errors, not against forgery, which gains nothing.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var hash: UInt32 = 0x811c_9dc5
        for byte in bytes { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash
    }
}

extension PageToken: CustomStringConvertible {
    /// One word of letters, digits, `-` and `_` that begins with a letter; the same place gives the same word.
    public var description: String {
        var bytes: [UInt8] = [Self.version, place.kind]
        place.write(to: &bytes)
        let sum = Self.checksum(bytes)
        withUnsafeBytes(of: sum.bigEndian) { bytes.append(contentsOf: $0) }
        return String(decoding: Base64URL.encode(bytes), as: UTF8.self)
    }
}

extension PageToken.Place {
    fileprivate var kind: UInt8 {
        switch self {
        case .mailbox: 1
        case .archive: 2
        case .unread: 3
        case .messages: 4
        case .participants: 5
        case .stars: 6
        case .receipts: 7
        case .rejections: 8
        }
    }

    /// Numbers and ids in order, eight and sixteen bytes each.
    fileprivate func write(to bytes: inout [UInt8]) {
        func number(_ value: Int64) { withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) } }
        func id<Kind>(_ id: ID<Kind>) { id.value.withBytes { bytes.append(contentsOf: $0) } }
        switch self {
        case .mailbox(let place), .archive(let place), .unread(let place):
            number(place.activity)
            id(place.conversation)
        case .messages(let place):
            number(place.ord)
            id(place.message)
        case .participants(let place):
            number(place.joined)
            id(place.member)
        case .stars(let place):
            number(place.ord)
            id(place.target.conversation)
            id(place.target.message)
        case .receipts(let member): id(member)
        case .rejections(let partition, let offset):
            number(Int64(partition))
            number(offset)
        }
    }

    fileprivate init?(kind: UInt8, fields: ArraySlice<UInt8>) {
        var fields = fields
        func word() -> UInt64 {
            defer { fields = fields.dropFirst(8) }
            return fields.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        func number() -> Int64 { Int64(bitPattern: word()) }
        func id<Kind>() -> ID<Kind> { ID(Identifier(high: word(), low: word())) }
        switch (kind, fields.count) {
        case (1, 24): self = .mailbox(MailboxPlace(activity: number(), conversation: id()))
        case (2, 24): self = .archive(MailboxPlace(activity: number(), conversation: id()))
        case (3, 24): self = .unread(MailboxPlace(activity: number(), conversation: id()))
        case (4, 24): self = .messages(MessagePlace(ord: number(), message: id()))
        case (5, 24): self = .participants(ParticipantPlace(joined: number(), member: id()))
        case (6, 40): self = .stars(StarPlace(ord: number(), target: ConversationMessage(id(), id())))
        case (7, 16): self = .receipts(id())
        case (8, 16): self = .rejections(partition: Int32(truncatingIfNeeded: number()), offset: number())
        default: return nil
        }
    }
}

extension PageToken {
    /// Takes the place out of a token of the right list.
    static func place<Found>(_ token: PageToken?, _ list: String, _ find: (Place) -> Found?) throws -> Found? {
        guard let token else { return nil }
        guard let found = find(token.place) else {
            throw ReadError(.wrongToken, "the token is not one of \(list): give one that this list answered")
        }
        return found
    }
}
