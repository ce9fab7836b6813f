extension Identifier: CustomStringConvertible {
    /// - Parameter text: 36 bytes `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` in lower case (RFC 9562 section 4);
    ///   any other form, upper case included, gives `nil`, so that one id has one text.
    public init?(text: some Collection<UInt8>) {
        let inPlace = text.withContiguousStorageIfAvailable { Identifier(text: UnsafeRawBufferPointer($0)) }
        guard let read = inPlace ?? Array(text).withUnsafeBytes({ Identifier(text: $0) }) else { return nil }
        self = read
    }

    /// The same in place, a few nanoseconds.
    public init?(text: UnsafeRawBufferPointer) {
        guard text.count == 36, let base = text.baseAddress else { return nil }
        let dash = UInt8(ascii: "-")
        guard text[8] == dash, text[13] == dash, text[18] == dash, text[23] == dash else { return nil }
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        func half(_ offset: Int) -> UInt64 {
            UInt64(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        guard let first = HexadecimalText.value(of: word(0)),
            let second = HexadecimalText.value(of: half(9) | half(14) << 32),
            let third = HexadecimalText.value(of: half(19) | half(24) << 32),
            let fourth = HexadecimalText.value(of: word(28))
        else { return nil }
        self.init(high: first << 32 | second, low: third << 32 | fourth)
    }

    /// Appends the 36 bytes of UUID text, without a `String`.
    public func appendText(to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: 36, alignment: 8) { raw in
            let dash = UInt8(ascii: "-")
            func put(_ characters: UInt64, at offset: Int) {
                raw.storeBytes(of: characters.littleEndian, toByteOffset: offset, as: UInt64.self)
            }
            func putHalf(_ characters: UInt64, at offset: Int) {
                let half = UInt32(truncatingIfNeeded: characters).littleEndian
                raw.storeBytes(of: half, toByteOffset: offset, as: UInt32.self)
            }
            let second = HexadecimalText.characters(of: high)
            let third = HexadecimalText.characters(of: low >> 32)
            put(HexadecimalText.characters(of: high >> 32), at: 0)
            putHalf(second, at: 9)
            putHalf(second >> 32, at: 14)
            putHalf(third, at: 19)
            putHalf(third >> 32, at: 24)
            put(HexadecimalText.characters(of: low), at: 28)
            (raw[8], raw[13], raw[18], raw[23]) = (dash, dash, dash, dash)
            output.append(contentsOf: raw)
        }
    }

    /// UUID text in lower case.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

/// Eight hexadecimal digits in lower case at a time, in one machine word: the first character in the lowest byte.
private enum HexadecimalText {
    /// A byte in all eight places.
    @inline(__always)
    private static func each(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    /// The 32 bits that eight characters say, or `nil` when one is no digit.
    @inline(__always)
    static func value(of characters: UInt64) -> UInt64? {
        // Letters are 0x61 to 0x66, digits 0x30 to 0x39: bit 6 tells which, the high nibble must then be 6 or 3.
        let letter = (characters >> 6) & each(1)
        let nibbles = characters & each(0x0f)
        guard characters & each(0xf0) == each(0x30) &+ letter &* 0x30 else { return nil }
        // No sum leaves its byte. Below 16 stay a digit plus 6 and a letter plus 9; a letter less 1 stays at 0 or above.
        let notTooHigh = ~(nibbles &+ each(6) &+ letter &* 3)
        let notTooLow = nibbles &+ each(0x10) &- letter
        guard notTooHigh & notTooLow & each(0x10) == each(0x10) else { return nil }
        var value = (nibbles &+ letter &* 9).byteSwapped
        value = (value | value >> 4) & 0x00ff_00ff_00ff_00ff
        value = (value | value >> 8) & 0x0000_ffff_0000_ffff
        return (value | value >> 16) & 0xffff_ffff
    }

    /// The eight characters for the low 32 bits.
    @inline(__always)
    static func characters(of value: UInt64) -> UInt64 {
        var nibbles = value & 0xffff_ffff
        nibbles = (nibbles | nibbles << 16) & 0x0000_ffff_0000_ffff
        nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
        nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f
        nibbles = nibbles.byteSwapped
        let letter = ((nibbles &+ each(6)) >> 4) & each(1)
        return nibbles &+ each(0x30) &+ letter &* 39
    }
}
