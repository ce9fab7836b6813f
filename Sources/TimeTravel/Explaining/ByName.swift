/// Values by names that are the same only byte for byte.
///
/// Names contain reactions: an é of one scalar and one of two are two reactions, and equal as `String`s.
struct ByName<Value> {
    private var values: [[UInt8]: Value] = [:]

    subscript(name: String) -> Value? {
        get { values[Array(name.utf8)] }
        set { values[Array(name.utf8)] = newValue }
    }

    /// - Returns: the value before.
    mutating func update(_ value: Value, for name: String) -> Value? {
        values.updateValue(value, forKey: Array(name.utf8))
    }
}

extension ByName: Equatable where Value: Equatable {}
