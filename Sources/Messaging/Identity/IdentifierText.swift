extension Identifier: CustomStringConvertible {
    /// - Parameter text: 36 bytes `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in lower case (RFC 9562 section 4);
    ///   any other form, upper case included, gives `nil`, so that one id has one text.
    public init?(text: some Collection<UInt8>) {
        guard text.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var index = 0
        for character in text {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                let digit: UInt8
                switch character {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
                default: return nil
                }
                if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
                digits += 1
            }
            index += 1
        }
        self.init(high: words.0, low: words.1)
    }

    /// Appends the 36 bytes of UUID text, without a `String`.
    public func appendText(to output: inout [UInt8]) {
        var index = 0
        withBytes { raw in
            for byte in raw {
                if index == 4 || index == 6 || index == 8 || index == 10 { output.append(UInt8(ascii: "-")) }
                output.append(Self.digit(byte >> 4))
                output.append(Self.digit(byte & 15))
                index += 1
            }
        }
    }

    /// UUID text in lower case.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }
}
