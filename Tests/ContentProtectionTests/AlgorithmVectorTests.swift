import Testing

@testable import ContentProtection

/// The algorithms, against the vectors of the documents that define them.
@Suite struct AlgorithmVectorTests {
    private func key(_ hexadecimal: String) throws -> SecretKey {
        try #require(bytes(hexadecimal).withUnsafeBytes { SecretKey(bytes: $0) })
    }

    /// RFC 3394 section 4.3, 4.5 and 4.6: 128, 192 and 256 bits of key data under a 256-bit key.
    @Test(arguments: [
        ("00112233445566778899AABBCCDDEEFF", "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7"),
        (
            "00112233445566778899AABBCCDDEEFF0001020304050607",
            "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1"
        ),
        (
            "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
            "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"
        ),
    ])
    func keyWrapGivesTheVectorsOfRFC3394(data: String, wrapped: String) throws {
        let wrappingKey = try key("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")
        let wrap = try KeyWrap()
        let input = bytes(data)
        var output = [UInt8](repeating: 0, count: input.count + 8)
        try wrap.wrap(input, count: input.count, with: wrappingKey, into: &output)
        #expect(output == bytes(wrapped))
        var back = [UInt8](repeating: 0xff, count: input.count)
        #expect(try wrap.unwrap(output, count: output.count, with: wrappingKey, into: &back))
        #expect(back == input)
        for index in output.indices {
            output[index] ^= 1
            #expect(try !wrap.unwrap(output, count: output.count, with: wrappingKey, into: &back))
            #expect(back.allSatisfy { $0 == 0 }, "what does not unwrap leaves nothing")
            output[index] ^= 1
        }
    }

    /// Test cases 13 to 16 without 15 of "The Galois/Counter Mode of Operation" (McGrew, Viega), those of 256-bit keys.
    @Test(arguments: [
        ("00", "00", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        (
            "00", "00", String(repeating: "0", count: 32), "", "cea7403d4d606b6e074ec5d3baf39d18",
            "d0d1c8a799996bf0265b98b5d48ab919"
        ),
        (
            "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            "76fc6ece0f4e1768cddf8853bb2d551b"
        ),
    ])
    func contentCipherGivesTheVectorsOfGCM(
        key: String, nonce: String, plaintext: String, data: String, ciphertext: String, tag: String
    ) throws {
        let key = key == "00" ? [UInt8](repeating: 0, count: 32) : bytes(key)
        let nonce = nonce == "00" ? [UInt8](repeating: 0, count: 12) : bytes(nonce)
        let (plaintext, data) = (bytes(plaintext), bytes(data))
        let cipher = try ContentCipher()
        var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
        try plaintext.withUnsafeBytes { plaintext in
            try data.withUnsafeBytes { data in
                try cipher.seal(plaintext, key: key, nonce: nonce, authenticating: data, into: &sealed)
            }
        }
        #expect(sealed == bytes(ciphertext + tag))
        var opened = [UInt8](repeating: 0xff, count: plaintext.count + 1)
        let isIntact = try sealed.withUnsafeBytes { sealed in
            try data.withUnsafeBytes { data in
                try cipher.open(sealed, key: key, nonce: nonce, authenticating: data, into: &opened)
            }
        }
        #expect(isIntact)
        #expect(Array(opened.dropLast()) == plaintext)
    }

    /// RFC 4231 section 4.3: HMAC-SHA256 with a short key.
    @Test func keyedHashGivesTheVectorOfRFC4231() throws {
        let hash = try KeyedHash()
        var output = [UInt8](repeating: 0, count: 32)
        // Twice, because a context is used again and again.
        for _ in 0..<2 {
            try Array("Jefe".utf8).withUnsafeBytes { try hash.begin(key: $0) }
            try Array("what do ya want ".utf8).withUnsafeBytes { try hash.update($0) }
            try Array("for nothing?".utf8).withUnsafeBytes { try hash.update($0) }
            try hash.finish(into: &output)
            #expect(output == bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
        }
    }

    /// RFC 5869 appendix A.1, A.2 (longer than one block) and A.3 (without salt).
    @Test(arguments: [
        (
            String(repeating: "0b", count: 22), "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        ),
        (
            hexadecimal(0x00...0x4f as ClosedRange<UInt8>), hexadecimal(0x60...0xaf as ClosedRange<UInt8>),
            hexadecimal(0xb0...0xff as ClosedRange<UInt8>),
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
                + "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        ),
        (
            String(repeating: "0b", count: 22), "", "",
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        ),
    ])
    func keyDerivationGivesTheVectorsOfRFC5869(
        secret: String, salt: String, info: String, extracted: String, expanded: String
    ) throws {
        let hash = try KeyedHash()
        let root = try bytes(secret).withUnsafeBytes { try hash.extract(salt: bytes(salt), secret: $0) }
        #expect(root.withBytes { Array($0) } == bytes(extracted))
        var output = [UInt8](repeating: 0, count: expanded.utf8.count / 2)
        try output.withUnsafeMutableBytes { try hash.expand(root, info: bytes(info), into: $0) }
        #expect(output == bytes(expanded))
    }

    @Test func randomBytesAreNeverLentTwice() throws {
        let pool = RandomPool()
        var seen: Set<[UInt8]> = []
        for _ in 0..<2_000 {
            let lent = try pool.withBytes(44) { Array(UnsafeRawBufferPointer(start: $0, count: 44)) }
            #expect(seen.insert(lent).inserted)
            #expect(lent.contains { $0 != 0 })
        }
    }
}
