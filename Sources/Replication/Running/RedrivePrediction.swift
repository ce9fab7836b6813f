public import LegacyMailbox
public import Messaging

/// What would become of a lane's parked records if they were tried now.
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

    private let format: any LegacyFormat
    private let translator: Translator
    private let identifiers: LegacyIdentifiers

    public init(format: any LegacyFormat, namespace: Identifier, translator: Translator = Translator()) {
        self.format = format
        self.translator = translator
        identifiers = LegacyIdentifiers(namespace: namespace)
    }

    /// - Parameter records: of one lane, in order.
    public func predict(_ records: [Payload]) -> [Prediction] {
        var later: Set<RowKey> = []
        var predictions: [Prediction] = []
        for record in records.reversed() {
            do {
                guard case .write(let write) = try format.decode(key: record.key, value: record.value) else {
                    predictions.append(.wouldApply)
                    continue
                }
                _ = try translator.translate(
                    write, ConversionContext(identifiers: identifiers, nowMicros: record.appendMicros))
                let isLatest = later.insert(Self.key(of: write)).inserted
                predictions.append(isLatest ? .wouldApply : .superseded)
            } catch let error as LegacyError {
                predictions.append(.stillFails(error.message))
            } catch {
                predictions.append(.stillFails("\(error)"))
            }
        }
        return predictions.reversed()
    }

    private static func key(of write: LegacyWrite) -> RowKey {
        if case .copy(let row) = write.row { return RowKey(owner: row.owner, copy: row.copyID) }
        return RowKey(owner: write.owner, copy: nil)
    }
}
