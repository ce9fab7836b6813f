public import ContentProtection
import EventLog
public import Messaging
import Wire

/// A request that `CommandParser` found nothing wrong with, but perhaps its size.
public struct JudgedRequest: Sendable {
    public let request: CommandRequest
    /// Why it is refused, unless there is a reason that comes before.
    public let tooLarge: Refusal?

    public init(_ request: CommandRequest, tooLarge: Refusal? = nil) {
        self.request = request
        self.tooLarge = tooLarge
    }
}

/// Judges requests once, before the log takes them: ids, limits, sealing (SEMANTICS section C).
///
/// What it gives is ready to append: every record has its id, its computed conversation and message, sealed content and
/// the partition of its key. Nothing reaches the log from here.
///
/// Threads: an admission belongs to one thread at a time, as the sealer in it does; make one for each upon one key
/// service and one mint. Cost: about 6 microseconds a message of 200 bytes whose keys are remembered.
public final class Admission {
    let settings: AdmissionSettings
    let mint: CommandIDMint
    let sealer: ContentSealer
    let lastOrds: (any LastOrdSource)?
    private let known: KnownRecords?
    var requiresIDs: Bool { known != nil }

    /// - Parameters:
    ///   - keys: of authors and conversations; missing ones are made, a batch's in one durable step.
    ///   - lastOrds: who knows how far conversations have come; without one, only the clock allows an ord.
    ///   - known: records not to be appended again; requests must bring their ids then.
    /// - Throws: `ContentProtectionError`.
    public init(
        settings: AdmissionSettings, keys: any KeyService, mint: CommandIDMint, lastOrds: (any LastOrdSource)? = nil,
        known: KnownRecords? = nil
    ) throws {
        self.settings = settings
        self.mint = mint
        self.lastOrds = lastOrds
        self.known = known
        sealer = try ContentSealer(keys: keys)
    }

    /// Admits requests, in order.
    ///
    /// - Parameter requests: each a request that `CommandParser` judged, or why that refused it; such refusals are passed
    ///   on.
    /// - Throws: `ContentProtectionError` and what `LastOrdSource` throws; nothing of the batch is admitted then.
    public func admit(_ requests: [Result<JudgedRequest, Refusal>]) throws -> AdmittedBatch {
        let now = settings.clock.nowMicros()
        var drafts: [Draft?] = []
        drafts.reserveCapacity(requests.count)
        var outcomes: [AdmittedBatch.Outcome] = []
        outcomes.reserveCapacity(requests.count)
        var owners: [KeyOwner] = []
        for request in requests {
            do {
                let draft = try draft(try request.get(), now: now)
                let place = known?.place(id: draft.id, key: draft.key)
                outcomes.append(place.map { .logged(draft.admitted, $0) } ?? .admitted(draft.admitted))
                drafts.append(place == nil ? draft : nil)
                if place == nil, draft.plaintext != nil {
                    owners.append(.member(draft.request.actor))
                    owners.append(.conversation(draft.conversation))
                }
            } catch let refusal as Refusal {
                outcomes.append(.refused(refusal))
                drafts.append(nil)
            }
        }
        try sealer.beginBatch(sealingFor: owners)
        var batch = AdmittedBatch(records: AppendBatch(), outcomes: outcomes)
        for (index, draft) in drafts.enumerated() {
            guard let draft else { continue }
            if let refusal = try add(draft, to: &batch.records) { batch.outcomes[index] = .refused(refusal) }
        }
        return batch
    }

    /// Whether a request would be admitted, without making keys or ids.
    /// - Returns: why not, or `nil`.
    /// - Throws: what `LastOrdSource` throws.
    public func refusal(of request: JudgedRequest) throws -> Refusal? {
        do {
            _ = try draft(request, now: settings.clock.nowMicros())
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    /// - Returns: why the record cannot be appended, `nil` when it was added.
    private func add(_ draft: Draft, to records: inout AppendBatch) throws -> Refusal? {
        let record = try seal(draft)
        let topic: Topic = record.command.isPersonal ? .memberCommands : .conversationCommands
        let partition = Partitioner.partition(of: record.key, count: settings.partitionCounts[topic])
        do {
            try records.add(to: TopicPartition(topic, partition), keyHigh: record.key.high, keyLow: record.key.low) {
                try RecordCodec.encode(record, into: &$0)
            }
            return nil
        } catch let error as WireError {
            return Refusal(error.code == .notText ? .notText : .tooLarge, error.message)
        }
    }
}
