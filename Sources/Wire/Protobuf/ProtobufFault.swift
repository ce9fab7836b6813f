/// What is wrong with bytes that should be a protobuf message, and at which field.
struct ProtobufFault: Error {
    enum Kind: UInt8 {
        case truncated
        case varintOverflow
        case wrongWireType
        case badFieldNumber
        case notSixteenBytes
        case notUTF8
        case unknownEnumValue
        case tooMany
    }

    let kind: Kind
    /// `Message.field` of the schema, or what was being read between fields.
    let place: StaticString

    init(_ kind: Kind, _ place: StaticString) {
        self.kind = kind
        self.place = place
    }
}
