/// What is wrong with bytes that should be a protobuf message, and at which field.
package struct ProtobufFault: Error {
    package enum Kind: UInt8 {
        case truncated
        case varintOverflow
        case wrongWireType
        case badFieldNumber
        case notSixteenBytes
        case notUTF8
        case unknownEnumValue
        case tooMany
    }

    package let kind: Kind
    /// `Message.field` of the schema, or what was being read between fields.
    package let place: StaticString

    package init(_ kind: Kind, _ place: StaticString) {
        self.kind = kind
        self.place = place
    }
}
