public import Messaging

/// A seeded choice of conversations and members: the same for the same seed on every machine.
public struct ReplaySample: Sendable, Equatable {
    /// How many of a hundred, above 0.
    public var percent: Double
    public var seed: UInt64

    public init(percent: Double, seed: UInt64) {
        self.percent = percent
        self.seed = seed
    }

    /// Whether a conversation or a member is chosen.
    public func includes(_ key: Identifier) -> Bool {
        var value = Self.mixed(Self.mixed(key.high ^ seed) ^ key.low)
        value = Self.mixed(value)
        return Double(value >> 11) < percent / 100 * Double(UInt64(1) << 53)
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
