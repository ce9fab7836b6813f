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
        let batch = try admission.admit(try requests.map { .success(try judge($0)) })
        var admitted: [Admitted] = []
        for outcome in batch.outcomes {
            switch outcome {
            case .admitted(let ids), .logged(let ids, _): admitted.append(ids)
            case .refused(let refusal): throw refusal
            }
        }
        let places = try DurableAppend(log: log).append(batch.records)
        var token = PositionToken()
        return admitted.indices.map { index in
            let position = Position(batch.records.entries[index].partition, places[index].offset)
            token.include(position)
            return Written(admitted: admitted[index], position: position, token: token)
        }
    }

    /// Judges a request by the rules of the line that says it.
    private func judge(_ request: CommandRequest) throws -> JudgedRequest {
        line.removeAll()
        request.write(to: &line)
        let judged = try line.bytes.withUnsafeBytes { try parser.judge($0) }
        return JudgedRequest(judged.request, tooLarge: judged.tooLarge)
    }

    /// Appends one request; see ``write(_:)-([CommandRequest])``.
    public func write(_ request: CommandRequest) throws -> Written { try write([request])[0] }
}
