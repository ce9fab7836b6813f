import EventLog

/// Bytes of records that the store does not have, and how many they are.
struct PayloadsInHand {
    private var payloads: [Position: Payload] = [:]
    private(set) var bytes = 0

    subscript(position: Position) -> Payload? {
        get { payloads[position] }
        set {
            let old = payloads.updateValueOrRemove(newValue, forKey: position)
            bytes += Self.size(newValue) - Self.size(old)
        }
    }

    mutating func removeAll() {
        payloads.removeAll(keepingCapacity: true)
        bytes = 0
    }

    private static func size(_ payload: Payload?) -> Int { payload.map { $0.key.count + $0.value.count } ?? 0 }
}

extension Dictionary {
    fileprivate mutating func updateValueOrRemove(_ value: Value?, forKey key: Key) -> Value? {
        if let value { updateValue(value, forKey: key) } else { removeValue(forKey: key) }
    }
}
