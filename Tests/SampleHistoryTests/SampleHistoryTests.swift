import Messaging
import SampleHistory
import Testing

struct SampleHistoryTests {
    private func history(seed: UInt64, commands: Int, members: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var history = SampleHistory(seed: seed, commands: commands, members: members)
        history.appendAll(to: &bytes)
        return bytes
    }

    private func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// FNV-1a of 64 bits.
    private func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// The text value that follows a key of the line itself.
    private func value(_ key: String, in line: String) -> String? {
        guard let range = line.firstRange(of: "\"\(key)\":\"") else { return nil }
        return String(line[range.upperBound...].prefix { $0 != "\"" })
    }

    @Test func theSameArgumentsGiveTheSameBytesOnEveryMachine() {
        #expect(hash(history(seed: 1, commands: 2000, members: 50)) == 10_619_227_933_182_460_263)
        #expect(hash(history(seed: 7, commands: 20, members: 3)) == 7_856_106_743_639_571_339)
    }

    /// Reads up to a time of the history's own: one in the future would be refused.
    @Test func aLongHistoryIsDenserAndEndsInThePast() throws {
        var history = SampleHistory(seed: 1, commands: 1_000_000_000, members: 50)
        var bytes: [UInt8] = []
        for _ in 0..<20_000 { _ = history.appendNext(to: &bytes) }
        let last = try #require(lines(bytes).compactMap { value("sentAt", in: $0) }.last)
        #expect(
            last.hasPrefix("2024-01-08T07:1"), "20,000 commands of so many take a quarter of an hour, not until \(last)"
        )
    }

    @Test func anotherSeedGivesAnotherHistory() {
        #expect(history(seed: 1, commands: 100, members: 5) != history(seed: 2, commands: 100, members: 5))
    }

    @Test func thereAreAsManyLinesAsAskedFor() {
        for (commands, members) in [(20, 3), (21, 3), (500, 3), (1000, 400)] {
            #expect(lines(history(seed: 3, commands: commands, members: members)).count == commands)
        }
    }

    @Test func everyLineHasAnIdOfItsOwnAndEverySendATokenOfItsOwn() {
        let all = lines(history(seed: 4, commands: 3000, members: 30))
        #expect(Set(all.compactMap { value("id", in: $0) }).count == all.count)
        let sends = all.filter { value("command", in: $0)?.hasPrefix("send") == true }
        #expect(Set(sends.compactMap { value("clientToken", in: $0) }).count == sends.count)
        #expect(sends.allSatisfy { value("sentAt", in: $0)?.count == 24 })
    }

    @Test func everyKindOfCommandHappens() {
        let kinds = Set(lines(history(seed: 5, commands: 20_000, members: 100)).compactMap { value("command", in: $0) })
        #expect(
            kinds == [
                "createConversation", "sendDirect", "send", "edit", "delete", "react", "addParticipants",
                "removeParticipant", "setModerator", "rename", "close", "read", "markUnread", "star", "hide", "mute",
                "archive",
            ])
    }

    @Test func theClosingSceneIsThere() {
        let bytes = history(seed: 6, commands: 500, members: 20)
        let scene = SampleHistory(seed: 6, commands: 500, members: 20).scene
        let end = lines(bytes).suffix(14)
        let edits = end.filter {
            value("command", in: $0) == "edit" && value("message", in: $0) == scene.editedMessage.description
        }
        #expect(edits.count == 2)
        #expect(
            end.contains {
                value("command", in: $0) == "delete" && value("message", in: $0) == scene.deletedMessage.description
            })
        let last = end.suffix(3)
        #expect(last.allSatisfy { value("command", in: $0) == "send" })
        #expect(last.allSatisfy { value("actor", in: $0) != scene.member.description })
        #expect(last.allSatisfy { value("conversation", in: $0) == scene.conversation.description })
    }

    @Test func referencesNameMessagesThatWereSentBeforeInTheSameConversation() {
        var sent: [String: Set<String>] = [:]
        for line in lines(history(seed: 8, commands: 5000, members: 40)) {
            let command = value("command", in: line)!
            let actor = MemberID(text: Array(value("actor", in: line)!.utf8))!
            var conversation = value("conversation", in: line)
            if let to = value("to", in: line) {
                let other = MemberID(text: Array(to.utf8))!
                conversation = ConversationID.direct(actor, other, namespace: .defaultNamespace).description
            }
            for key in ["message", "replyTo", "upToMessage"] {
                guard let target = value(key, in: line) else { continue }
                #expect(sent[conversation!]?.contains(target) == true, "\(command) \(key)")
            }
            guard command.hasPrefix("send") else { continue }
            let message = MessageID.native(
                conversation: ConversationID(text: Array(conversation!.utf8))!, sender: actor,
                clientToken: Array(value("clientToken", in: line)!.utf8))
            sent[conversation!, default: []].insert(message.description)
        }
        #expect(sent.count > 50)
    }
}

struct DiceTests {
    @Test func theNumbersAreThoseOfSplitMix64() {
        var dice = Dice(seed: 1_234_567)
        #expect(
            (0..<5).map { _ in dice.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ])
    }

    @Test func drawsKeepWithinTheirBounds() {
        var dice = Dice(seed: 9)
        var seen: Set<Int> = []
        for _ in 0..<1000 { seen.insert(dice.within(3...7)) }
        #expect(seen == [3, 4, 5, 6, 7])
    }
}
