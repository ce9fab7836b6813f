/// Strict UTF-8 as RFC 3629 defines it: no overlong form, no surrogate, nothing above U+10FFFF.
enum UTF8Check {
    /// The offset of the first byte that is not part of valid UTF-8, or `nil`. NUL is valid here.
    static func firstFault(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let end = bytes.count
        var at = 0
        while at < end {
            if at + 8 <= end, base.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
                at += 8
                continue
            }
            if base.load(fromByteOffset: at, as: UInt8.self) < 0x80 {
                at += 1
                continue
            }
            let length = sequence(base + at, available: end - at)
            if length == 0 { return at }
            at += length
        }
        return nil
    }

    /// The length, 2 to 4, of the valid sequence that starts with a byte of 0x80 or more; 0 when there is none.
    @inline(__always)
    static func sequence(_ start: UnsafeRawPointer, available: Int) -> Int {
        let lead = start.load(as: UInt8.self)
        guard available >= 2 else { return 0 }
        let second = start.load(fromByteOffset: 1, as: UInt8.self)
        if lead < 0xe0 { return lead >= 0xc2 && isContinuation(second) ? 2 : 0 }
        guard available >= 3, isContinuation(start.load(fromByteOffset: 2, as: UInt8.self)) else { return 0 }
        if lead < 0xf0 {
            let lowest: UInt8 = lead == 0xe0 ? 0xa0 : 0x80
            let highest: UInt8 = lead == 0xed ? 0x9f : 0xbf
            return second >= lowest && second <= highest ? 3 : 0
        }
        guard available >= 4, lead < 0xf5, isContinuation(start.load(fromByteOffset: 3, as: UInt8.self)) else {
            return 0
        }
        let lowest: UInt8 = lead == 0xf0 ? 0x90 : 0x80
        let highest: UInt8 = lead == 0xf4 ? 0x8f : 0xbf
        return second >= lowest && second <= highest ? 4 : 0
    }

    @inline(__always)
    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
}
