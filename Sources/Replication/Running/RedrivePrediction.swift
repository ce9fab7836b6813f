public import EventLog
import LegacyMailbox

/// What would become of a lane's parked records if they were tried now.
///
/// Give it the records one after another; it keeps none of them.
public struct RedrivePrediction {
    public enum Prediction: Sendable, Equatable {
        case wouldApply
        /// A later parked write of the same row carries everything this one does.
        case superseded
        case stillFails(String)

        /// The word that JSON uses.
        public var word: String {
            switch self {
            case .wouldApply: "wouldApply"
            case .superseded: "superseded"
            case .stillFails: "stillFails"
            }
        }

        public var reason: String? {
            if case .stillFails(let reason) = self { reason } else { nil }
        }
    }

    private struct RowKey: Hashable {
        var owner: [UInt8]?
        var copy: [UInt8]?
    }

    private enum Outcome {
        case applies(RowKey?)
        case fails(String)
    }

    private let records: LegacyRecords
    private var outcomes: [(position: Position, outcome: Outcome)] = []

    public init(_ records: LegacyRecords) { self.records = records }

    /// - Parameter record: the next of the lane.
    public mutating func add(_ record: ParkedRecord) {
        do {
            let payload = record.payload
            _ = try records.commands(of: payload)
            outcomes.append((record.position, .applies(try records.write(of: payload).map(Self.key))))
        } catch {
            outcomes.append((record.position, .fails(LegacyRecords.failure(error).cause)))
        }
    }

    /// What was added, in its order. What stands behind a record that still fails waits behind it.
    public func predictions() -> [(position: Position, prediction: Prediction)] {
        var later: Set<RowKey> = []
        var predictions: [(position: Position, prediction: Prediction)] = []
        for (position, outcome) in outcomes.reversed() {
            switch outcome {
            case .fails(let reason): predictions.append((position, .stillFails(reason)))
            case .applies(nil): predictions.append((position, .wouldApply))
            case .applies(let key?):
                predictions.append((position, later.insert(key).inserted ? .wouldApply : .superseded))
            }
        }
        predictions.reverse()
        guard let block = predictions.firstIndex(where: { $0.prediction.reason != nil }) else { return predictions }
        for index in predictions.indices.dropFirst(block + 1) where predictions[index].prediction.reason == nil {
            predictions[index].prediction = .stillFails("it waits behind \(predictions[block].position)")
        }
        return predictions
    }

    private static func key(of write: LegacyWrite) -> RowKey {
        if case .copy(let row) = write.row { return RowKey(owner: row.owner, copy: row.copyID) }
        return RowKey(owner: write.owner, copy: nil)
    }
}
