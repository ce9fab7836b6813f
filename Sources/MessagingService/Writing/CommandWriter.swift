public import EventLog
public import Messaging
import Wire

/// Admits and appends a few requests: what a person, a small program or an API call writes.
///
/// Threads: as `Admission`, one at a time.
public final class CommandWriter {
    private let log: any EventLog
    private let admission: Admission
    private var parser = CommandParser()
    private var line = JSONWriter()

    public init(log: any EventLog, admission: Admission) {
        self.log = log
        self.admission = admission
    }

    /// A command that is durable in the log.
    public struct Written: Sendable, Equatable {
        public let admitted: Admitted
        public let position: Position
        /// What a read must have reached to see this command and those written before it in the same call.
        public let token: PositionToken
    }

    /// Appends the requests, all or none, in order, and waits until they are durable.
    ///
    /// - Returns: one answer for each request. Whether the fold accepts a command shows in the views.
    /// - Throws: `Refusal` of the first request that is refused; nothing is appended then. `ContentProtectionError` and
    ///   `LogError`; where its `outcomeUnknown` is true, the same requests with the same ids may be written again.
    public func write(_ requests: [CommandRequest]) throws -> [Written] {
        let batch = try admit(requests)
        for outcome in batch.outcomes { if case .refused(let refusal) = outcome { throw refusal } }
        return try append(batch).map { try $0.get() }
    }

    /// Appends one request; see ``write(_:)-([CommandRequest])``.
    public func write(_ request: CommandRequest) throws -> Written { try write([request])[0] }

    /// Appends those of the requests that are admitted, in order and in one step, and waits until they are durable.
    /// - Returns: for each request its answer, or why it was refused.
    /// - Throws: as ``write(_:)-([CommandRequest])``, but for refusals.
    public func writeEach(_ requests: [CommandRequest]) throws -> [Result<Written, Refusal>] {
        try append(admit(requests))
    }

    private func admit(_ requests: [CommandRequest]) throws -> AdmittedBatch {
        try admission.admit(
            requests.map { request in
                do throws(Refusal) {
                    return .success(try judge(request))
                } catch {
                    return .failure(error)
                }
            })
    }

    private func append(_ batch: AdmittedBatch) throws -> [Result<Written, Refusal>] {
        let places = try DurableAppend(log: log).append(batch.records)
        var token = PositionToken()
        var next = 0
        return batch.outcomes.map { outcome in
            let position: Position
            let admitted: Admitted
            switch outcome {
            case .refused(let refusal): return .failure(refusal)
            case .logged(let ids, let place): (admitted, position) = (ids, place)
            case .admitted(let ids):
                admitted = ids
                position = Position(batch.records.entries[next].partition, places[next].offset)
                next += 1
            }
            token.include(position)
            return .success(Written(admitted: admitted, position: position, token: token))
        }
    }

    /// Judges a request by the rules of the line that says it.
    private func judge(_ request: CommandRequest) throws(Refusal) -> JudgedRequest {
        line.removeAll()
        request.write(to: &line)
        let text = line.bytes
        let judged = try text.span.bytes.withUnsafeBytes { raw throws(Refusal) in try parser.judge(raw) }
        return JudgedRequest(judged.request, tooLarge: judged.tooLarge)
    }
}
