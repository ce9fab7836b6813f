import Messaging
import Testing

@testable import Wire

func encoded(_ record: Record) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try RecordCodec.encode(record, into: &bytes)
    return bytes
}

func decoded(_ bytes: [UInt8]) throws -> Record {
    try bytes.withUnsafeBytes { raw throws in try RecordCodec.decode(raw) }
}

/// The error of decoding, or `nil` when the bytes are a record.
func decodingError(_ bytes: [UInt8]) -> WireError? {
    bytes.withUnsafeBytes { raw in
        do throws(WireError) {
            _ = try RecordCodec.decode(raw)
            return nil
        } catch {
            return error
        }
    }
}

@Suite struct RecordCodecTests {
    let ids = (
        id: CommandID(Identifier(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10)),
        actor: MemberID(Identifier(high: 1, low: 2)), conversation: ConversationID(Identifier(high: 3, low: 4))
    )

    func record(_ command: Command) -> Record {
        Record(id: ids.id, actor: ids.actor, conversation: ids.conversation, command: command)
    }

    /// The first four fields of a record, as the schema says them.
    var head: [UInt8] {
        [0x08, 1, 0x12, 16] + ids.id.value.bytes + [0x1a, 16] + ids.actor.value.bytes + [0x22, 16]
            + ids.conversation.value.bytes
    }

    @Test func theBytesAreTheOnesTheSchemaSays() throws {
        #expect(try encoded(record(.mute(Mute(on: true)))) == head + [0xaa, 0x03, 2, 0x08, 1])
        #expect(try encoded(record(.markUnread)) == head + [0x8a, 0x03, 0])
        #expect(
            try encoded(record(.read(Read(upTo: .ord(300), isPrivate: true)))) == head + [
                0x82, 0x03, 5, 0x08, 0xac, 2, 0x18, 1,
            ])
    }

    @Test func everyRecordComesBackAsItWas() throws {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var samples = SampleRecords(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<20_000 {
            let record = samples.record()
            bytes.removeAll(keepingCapacity: true)
            try RecordCodec.encode(record, into: &bytes)
            #expect(try decoded(bytes) == record)
        }
    }

    @Test func encodingAppends() throws {
        var bytes: [UInt8] = [1, 2, 3]
        try RecordCodec.encode(record(.markUnread), into: &bytes)
        #expect(bytes == [1, 2, 3] + head + [0x8a, 0x03, 0])
    }

    @Test func aRecordCutShortIsMalformedOrLacksAField() throws {
        var samples = SampleRecords(seed: 7)
        for _ in 0..<300 {
            let bytes = try encoded(samples.record())
            for length in 0..<bytes.count {
                let error = try #require(decodingError(Array(bytes[..<length])), "\(length) bytes of \(bytes)")
                #expect(error.code == .malformed || error.code == .missingField)
            }
        }
    }

    @Test func changedBytesNeverTrap() throws {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var samples = SampleRecords(seed: seed)
        var random = SeededGenerator(seed: seed ^ 1)
        var read = 0
        for _ in 0..<30_000 {
            var bytes = try encoded(samples.record())
            for _ in 0...random.below(4) {
                switch random.below(3) {
                case 0: bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: random.below(bytes.count + 1))
                default: if bytes.count > 1 { bytes.remove(at: random.below(bytes.count)) }
                }
            }
            guard decodingError(bytes) == nil else { continue }
            read += 1
            // What was read can be written and read again.
            let record = try decoded(bytes)
            #expect(try decoded(encoded(record)) == record)
        }
        #expect(read > 1_000, "changes inside ids and contents leave records")
    }

    @Test func randomBytesNeverTrap() {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<30_000 {
            #expect(decodingError(random.bytes(upTo: 200)) != nil)
            #expect(decodingError(head + random.bytes(upTo: 60))?.code != .tooLarge)
        }
    }

    @Test func unknownFieldsAreSkipped() throws {
        // Field 9 varint, field 200 fixed 64, field 201 fixed 32, field 202 delimited.
        let unknown: [UInt8] =
            [0x48, 0xff, 1] + [0xc1, 0x0c] + Array(repeating: 7, count: 8) + [0xcd, 0x0c, 1, 2, 3, 4] + [
                0xd2, 0x0c, 2, 9, 9,
            ]
        let mute: [UInt8] = [0xaa, 0x03, 4, 0x08, 1, 0x38, 5]
        #expect(try decoded(unknown + head + unknown + mute + unknown) == record(.mute(Mute(on: true))))
    }

    @Test func theLastOfTwoCounts() throws {
        let other = MemberID(Identifier(high: 9, low: 9))
        let bytes = head + [0x8a, 0x03, 0] + [0x1a, 16] + other.value.bytes + [0xaa, 0x03, 4, 0x08, 1, 0x08, 0]
        let read = try decoded(bytes)
        #expect(read.actor == other)
        #expect(read.command == .mute(Mute(on: false)))
    }

    @Test func anUnknownKindOfCommandIsNamedByItsNumber() throws {
        let error = try #require(decodingError(head + [0xda, 0x05, 0]))  // field 91
        #expect(error.code == .unknown)
        #expect(error.message.contains("91"))
        // Even beside a known one.
        #expect(decodingError(head + [0xaa, 0x03, 0, 0xda, 0x05, 0])?.code == .unknown)
    }

    @Test func aNewerFormatVersionIsNamedWhateverFollows() throws {
        for rest: [UInt8] in [[0x8a, 0x03, 0], [0x12, 3, 1, 2, 3], []] {
            let error = try #require(decodingError([0x08, 7] + rest))
            #expect(error.code == .unknown)
            #expect(error.message.contains("version 7"))
        }
        #expect(decodingError([0x08, 0])?.code == .malformed)
        #expect(decodingError([])?.code == .malformed)
        #expect(decodingError(Array(head.dropFirst(2)) + [0x8a, 0x03, 0])?.code == .malformed)
    }

    @Test func whatIsWrongIsSaidWithItsField() {
        let cases: [(bytes: [UInt8], code: WireError.Code, place: String)] = [
            ([0x12, 15] + Array(repeating: 0, count: 15), .malformed, "Record.id"),
            ([0x10, 1], .malformed, "Record"),  // id as a varint
            ([0x28, 2], .unknown, "Record.origin"),
            ([0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], .unknown, "Record.origin"),
            ([0x30] + Array(repeating: 0xff, count: 9) + [2], .malformed, "Record.source_version"),  // 65 bits
            ([0x30] + Array(repeating: 0xff, count: 10), .malformed, "Record.source_version"),
            ([0x42, 2, 0xc3, 0x28], .notText, "Record.trace_parent"),
            ([0x03], .malformed, "number"),  // field 0
            ([0x4b, 0x4c], .malformed, "unknown field"),  // a group
            ([0x8a, 0x01, 4, 0x12, 2, 0xed, 0xa0], .notText, "Send.client_token"),
            ([0x8a, 0x01, 2, 0x12, 5], .malformed, "Send.client_token"),  // longer than its message
            ([0xfa, 0xff, 0xff, 0xff, 0x7f, 0], .malformed, "number"),  // field number of 32 bits
            ([0x8a, 0x01, 0], .missingField, "Send.message"),
            ([0x82, 0x03, 2, 0x18, 1], .missingField, "Read.up_to"),
            ([], .missingField, "command"),
        ]
        for (bytes, code, place) in cases {
            let error = decodingError(head + bytes)
            #expect(error?.code == code, "\(bytes)")
            #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
        }
        for (field, name) in [(2, "id"), (20, "actor"), (38, "conversation")] {
            var bytes = head + [0x8a, 0x03, 0]
            bytes.removeSubrange(field..<field + 18)
            #expect(decodingError(bytes)?.message.contains("Record.\(name)") == true)
        }
    }

    @Test func aRecordAtTheLimitGoesInAndOneAboveDoesNot() throws {
        func sized(_ count: Int) -> Record { record(.rename(Rename(title: Sealed(Array(repeating: 7, count: count))))) }
        let overhead = try encoded(sized(200_000)).count - 200_000
        let largest = sized(Limits.recordBytes - overhead)
        #expect(try encoded(largest).count == Limits.recordBytes)
        #expect(try decoded(encoded(largest)) == largest)
        var output: [UInt8] = []
        let error = #expect(throws: WireError.self) {
            try RecordCodec.encode(sized(Limits.recordBytes - overhead + 1), into: &output)
        }
        #expect(error?.code == .tooLarge)
        #expect(output.isEmpty)
        #expect(decodingError(try encoded(largest) + [0x48, 1])?.code == .tooLarge)
    }

    @Test func whatCouldNotBeReadAgainIsNotWritten() {
        var output: [UInt8] = []
        let bad: [UInt8] = [0xc0, 0x80]
        let send = Send(
            message: MessageID(ids.id.value), clientToken: bad, content: Sealed([]),
            digest: PayloadDigest(ids.id.value),
            replyTo: nil, sentAt: nil, direct: nil)
        var verdicts = record(.markUnread)
        verdicts.verdicts = Array(
            repeating: HookVerdict(hook: [], version: [], decision: .held, durationMicros: 0), count: 65)
        for (record, code) in [
            (record(.send(send)), WireError.Code.notText),
            (record(.react(React(message: send.message, reaction: bad, on: true))), .notText),
            (record(.delete(Delete(message: send.message, version: nil, reason: bad))), .notText),
            (verdicts, .tooLarge),
        ] {
            let error = #expect(throws: WireError.self) { try RecordCodec.encode(record, into: &output) }
            #expect(error?.code == code)
        }
        #expect(output.isEmpty)
    }

    @Test func aRepeatedFieldTakesNoMoreMemoryThanItsInput() throws {
        let members = (0..<14_000).map { MemberID(Identifier(high: 0, low: UInt64($0))) }
        let record = record(.addParticipants(AddParticipants(members: members)))
        #expect(try decoded(encoded(record)) == record)
        let verdict: [UInt8] = [0x3a, 0]
        let flood = head + Array(repeatElement(verdict, count: 100_000).joined())
        #expect(decodingError(flood)?.code == .tooLarge)
    }
}
