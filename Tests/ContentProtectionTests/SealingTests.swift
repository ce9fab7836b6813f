import ContentProtection
import Messaging
import Testing

@Suite struct SealingTests {
    @Test(arguments: [0, 1, 15, 16, 17, 250, 65_536, SealedHeader.maximumPlaintextBytes])
    func whatIsSealedOpensAgain(count: Int) throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let binding = SealBinding.random(&generator)
                let plaintext = generator.bytes(count)
                let sealed = try sealer.seal(plaintext, binding: binding)
                #expect(sealed.bytes.count == count + SealedHeader.overheadBytes)
                #expect(try sealer.open(sealed, binding: binding) == .opened(plaintext))
                // A sealer that has to fetch every key.
                let other = try ContentSealer(keys: try keys.service(ifMissing: .fail))
                #expect(try other.open(sealed, binding: binding) == .opened(plaintext))
                #expect(
                    try !other.isErased(
                        SealedHeader(sealed), author: binding.author, conversation: binding.conversation))
            }
        }
    }

    @Test func sealingAddsLessThanTheFoldAllows() { #expect(SealedHeader.overheadBytes < Limits.sealingAllowance) }

    @Test func longerThanARecordIsRefused() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let binding = SealBinding.random(&generator)
                let tooLong = [UInt8](repeating: 0, count: SealedHeader.maximumPlaintextBytes + 1)
                #expect(code { _ = try sealer.seal(tooLong, binding: binding) } == .tooLarge)
            }
        }
    }

    @Test func sealingTwiceGivesDifferentBytesThroughout() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let binding = SealBinding.random(&generator)
                var nonces: Set<[UInt8]> = []
                var wraps: Set<[UInt8]> = []
                var rests: Set<[UInt8]> = []
                for _ in 0..<1_000 {
                    let sealed = try sealer.seal([1, 2, 3], binding: binding).bytes
                    #expect(nonces.insert(Array(sealed[9..<21])).inserted)
                    #expect(wraps.insert(Array(sealed[21..<69])).inserted)
                    #expect(rests.insert(Array(sealed[69...])).inserted)
                }
            }
        }
    }

    @Test func everyChangedByteIsRefused() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let binding = SealBinding.random(&generator)
                let sealed = try sealer.seal(generator.bytes(40), binding: binding)
                for index in sealed.bytes.indices {
                    for flip in [1, 0x80, UInt8.random(in: 1...255, using: &generator)] {
                        var changed = sealed
                        changed.bytes[index] ^= flip
                        let expected: ContentProtectionError.Code =
                            switch index {
                            case 0: .malformed
                            case 1..<9: .unknownKey
                            default: .tampered
                            }
                        let found = code { _ = try sealer.open(changed, binding: binding) }
                        // A generation of 0 is no generation at all.
                        #expect(found == expected || (1..<9 ~= index && found == .malformed), "byte \(index)")
                    }
                }
            }
        }
    }

    @Test func everyCutAndEveryExtensionIsRefused() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let binding = SealBinding.random(&generator)
                let sealed = try sealer.seal(generator.bytes(40), binding: binding)
                for count in 0..<sealed.bytes.count {
                    let found = code {
                        _ = try sealer.open(Sealed(Array(sealed.bytes.prefix(count))), binding: binding)
                    }
                    #expect(found == (count < SealedHeader.overheadBytes ? .malformed : .tampered), "\(count) bytes")
                }
                #expect(code { _ = try sealer.open(Sealed(sealed.bytes + [0]), binding: binding) } == .tampered)
                let endless = sealed.bytes + [UInt8](repeating: 0, count: SealedHeader.maximumPlaintextBytes)
                #expect(code { _ = try sealer.open(Sealed(endless), binding: binding) } == .malformed)
            }
        }
    }

    /// Every id and the kind is bound, those that choose no key too.
    @Test func contentOpensNowhereElse() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let binding = SealBinding.random(&generator)
                let sealed = try sealer.seal(generator.bytes(40), binding: binding)
                var elsewhere: [SealBinding] = []
                for _ in 0..<4 { elsewhere.append(binding) }
                elsewhere[0].conversation = ConversationID(generator.identifier())
                elsewhere[1].message = MessageID(generator.identifier())
                elsewhere[2].author = MemberID(generator.identifier())
                elsewhere[3].command = CommandID(generator.identifier())
                // The keys of the other conversation and author exist, in the same generation.
                for other in elsewhere { _ = try sealer.seal([], binding: other) }
                var title = SealBinding.title(
                    conversation: binding.conversation, author: binding.author, command: binding.command)
                elsewhere.append(title)
                title.message = binding.message
                elsewhere.append(title)
                for other in elsewhere {
                    #expect(code { _ = try sealer.open(sealed, binding: other) } == .tampered, "\(other)")
                }
                #expect(try sealer.open(sealed, binding: binding) != .erased)
            }
        }
    }

    /// Content of one generation does not pass for content of another, though both keys exist.
    @Test func theGenerationsAreBound() throws {
        try withKeys { keys in
            try withSeed { generator in
                let service = try keys.service()
                let sealer = try ContentSealer(keys: service)
                let binding = SealBinding.random(&generator)
                try sealer.beginBatch()
                let old = try sealer.seal([1], binding: binding)
                try service.destroyKeys(of: [.member(binding.author)])
                try sealer.beginBatch()
                var new = try sealer.seal([2], binding: binding)
                #expect(try SealedHeader(old) == SealedHeader(authorGeneration: 1, conversationGeneration: 1))
                #expect(try SealedHeader(new) == SealedHeader(authorGeneration: 2, conversationGeneration: 1))
                #expect(try sealer.open(new, binding: binding) == .opened([2]))
                var forged = old
                forged.bytes[4] = 2
                #expect(code { _ = try sealer.open(forged, binding: binding) } == .tampered)
                new.bytes[4] = 3
                #expect(code { _ = try sealer.open(new, binding: binding) } == .unknownKey)
            }
        }
    }

    @Test func arbitraryBytesNeverOpen() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let binding = SealBinding.random(&generator)
                _ = try sealer.seal([], binding: binding)
                for _ in 0..<500 {
                    var bytes = generator.bytes(Int.random(in: 0...300, using: &generator))
                    if bytes.count > 8 && Bool.random(using: &generator) { bytes[0..<9] = [1, 0, 0, 0, 1, 0, 0, 0, 1] }
                    #expect(code { _ = try sealer.open(Sealed(bytes), binding: binding) } != nil)
                }
            }
        }
    }

    @Test func anotherKeyStoreIsCalledThat() throws {
        try withKeys { keys in
            try withKeys { others in
                try withSeed { generator in
                    let binding = SealBinding.random(&generator)
                    let sealed = try ContentSealer(keys: try keys.service()).seal([1], binding: binding)
                    let stranger = try ContentSealer(keys: try others.service())
                    #expect(code { _ = try stranger.open(sealed, binding: binding) } == .unknownKey)
                    let header = try SealedHeader(sealed)
                    #expect(
                        code {
                            _ = try stranger.isErased(
                                header, author: binding.author, conversation: binding.conversation)
                        } == .unknownKey)
                }
            }
        }
    }

    /// More owners than a sealer remembers: slower, and the same.
    @Test func aSealerThatForgetsKeysSealsAndOpensAll() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service(), rememberedKeys: 3)
                let bindings = (0..<40).map { _ in SealBinding.random(&generator) }
                try sealer.beginBatch(
                    sealingFor: bindings.flatMap { [.member($0.author), .conversation($0.conversation)] })
                let sealed = try bindings.map { try sealer.seal($0.author.value.bytes, binding: $0) }
                for index in bindings.indices.shuffled(using: &generator) {
                    let opened = try sealer.open(sealed[index], binding: bindings[index])
                    #expect(opened == .opened(bindings[index].author.value.bytes))
                }
            }
        }
    }
}
