/// Something that one thread opens when it is first needed, keeps, and opens again after it failed.
final class KeptOpen<Value>: @unchecked Sendable {
    private let open: () throws -> Value
    // Used by the thread that serves figures only.
    private var value: Value?

    init(_ open: @escaping () throws -> Value) { self.open = open }

    /// - Throws: what opening and `body` throw; what is open then is given up.
    func use<Result>(_ body: (Value) throws -> Result) throws -> Result {
        let open = try value ?? self.open()
        value = nil
        let result = try body(open)
        value = open
        return result
    }
}
