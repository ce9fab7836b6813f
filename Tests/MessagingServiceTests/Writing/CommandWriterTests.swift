import EventLog
import Messaging
import MessagingService
import Testing
import Wire

struct CommandWriterTests {
    private let log = InMemoryLog(partitionCounts: PartitionCounts(conversationCommands: 2, memberCommands: 2))

    private func writer() throws -> CommandWriter {
        CommandWriter(
            log: log,
            admission: try Admission(
                settings: AdmissionSettings(partitionCounts: log.partitionCounts, authority: .operator),
                keys: MemoryKeys(), mint: CommandIDMint()))
    }

    private func request(_ kind: CommandRequest.Kind) -> CommandRequest {
        CommandRequest(actor: Numbered.member(1), conversation: Numbered.conversation(1), kind: kind)
    }

    private func send(_ text: [UInt8]) -> CommandRequest.Kind { .send(SendRequest(content: Content(text: text))) }

    @Test func theTokenCoversAllThatWasWrittenTogether() throws {
        let written = try writer().write([request(.markUnread), request(send([65])), request(.mute(Mute(on: true)))])
        #expect(written.count == 3)
        for one in written { #expect(try log.endOffset(of: one.position.partition) > one.position.offset) }
        #expect(written[2].token.offsets.values.reduce(0, +) == 3)
        #expect(written[0].token.offsets.values.reduce(0, +) == 1)
    }

    @Test func aRequestFromCodeIsJudgedLikeALineAndOneRefusalKeepsAllOut() throws {
        let cases: [(CommandRequest.Kind, Refusal.Code)] = [
            (send([]), .badValue), (send([0xff]), .notText), (send([0]), .notText),
            (send(Array(repeating: 65, count: 70_000)), .tooLarge),
            (.react(React(message: Numbered.message(1), reaction: [], on: true)), .badValue),
        ]
        for (kind, code) in cases {
            do {
                _ = try writer().write([request(.markUnread), request(kind)])
                Issue.record("\(kind.name) is not refused")
            } catch let refusal as Refusal {
                #expect(refusal.code == code)
            }
        }
        #expect(try log.endOffsets().values.allSatisfy { $0 == 0 })
    }
}
