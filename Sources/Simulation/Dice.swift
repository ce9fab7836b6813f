/// SplitMix64 (Steele, Lea, Flood 2014): a seed gives the same numbers on every machine.
public struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }

    /// - Parameter bound: at least 1.
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// True `one` times in `many`, on average.
    public mutating func chance(_ one: Int, in many: Int) -> Bool { below(many) < one }

    /// - Parameter choices: at least one.
    public mutating func pick<Element>(_ choices: some RandomAccessCollection<Element>) -> Element {
        choices[choices.index(choices.startIndex, offsetBy: below(choices.count))]
    }
}
