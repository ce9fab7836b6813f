import ContentProtection
import Messaging
import Testing

@Suite struct PayloadDigestTests {
    @Test func equalPayloadsHaveEqualDigestsInEveryProcess() throws {
        try withKeys { keys in
            try withSeed { generator in
                let conversation = ConversationID(generator.identifier())
                let reply = MessageID(generator.identifier())
                let content = generator.bytes(250)
                let one = try ContentSealer(keys: try keys.service())
                let other = try ContentSealer(keys: try keys.service())
                #expect(
                    try one.digest(content: content, replyTo: reply, conversation: conversation)
                        == other.digest(content: content, replyTo: reply, conversation: conversation))
            }
        }
    }

    /// Also where the bytes hashed are the same but for their lengths.
    @Test func differentPayloadsHaveDifferentDigests() throws {
        try withKeys { keys in
            try withSeed { generator in
                let sealer = try ContentSealer(keys: try keys.service())
                let conversation = ConversationID(generator.identifier())
                let reply = MessageID(generator.identifier())
                let content = generator.bytes(64)
                var payloads: [(content: [UInt8], replyTo: MessageID?)] = [
                    (content, nil), (content, reply), (content, MessageID(generator.identifier())),
                    (content + [0, 0, 0, 16] + reply.value.bytes, nil), (content + reply.value.bytes, nil), ([], nil),
                    ([], reply), (content + [0], nil),
                ]
                for index in content.indices {
                    var changed = content
                    changed[index] ^= 1
                    payloads.append((changed, reply))
                }
                let digests = try payloads.map {
                    try sealer.digest(content: $0.content, replyTo: $0.replyTo, conversation: conversation)
                }
                #expect(Set(digests).count == payloads.count)
            }
        }
    }

    @Test func theKeyIsThatOfTheConversationAndItsGeneration() throws {
        try withKeys { keys in
            try withSeed { generator in
                let service = try keys.service()
                let sealer = try ContentSealer(keys: service)
                let one = ConversationID(generator.identifier())
                let other = ConversationID(generator.identifier())
                let before = try sealer.digest(content: [1], replyTo: nil, conversation: one)
                #expect(try sealer.digest(content: [1], replyTo: nil, conversation: other) != before)
                try service.destroyKeys(of: [.conversation(one)])
                try sealer.beginBatch()
                #expect(try sealer.digest(content: [1], replyTo: nil, conversation: one) != before)
            }
        }
    }
}
