import Messaging

/// How fast lanes go that an operator redrives at a limited rate: a bucket that fills with time and holds what a second
/// brings.
struct RedrivePace: Sendable {
    /// Lanes that wait for their turn.
    var lanes = LaneQueue()
    private var recordsPerSecond: Int64 = 0
    /// In thousandths of a record.
    private var credit: Int64 = 0
    private var lastMillis: Int64 = 0

    /// The latest order's rate holds for all of them.
    mutating func set(recordsPerSecond rate: Int64, nowMillis: Int64) {
        if recordsPerSecond == 0 {
            credit = 1_000
            lastMillis = nowMillis
        }
        recordsPerSecond = rate
        fill(nowMillis: nowMillis)
    }

    mutating func fill(nowMillis: Int64) {
        guard recordsPerSecond > 0, nowMillis > lastMillis else { return }
        // Above a second the bucket is full anyhow.
        let elapsed = min(nowMillis - lastMillis, 1_000)
        credit = min(credit + elapsed * recordsPerSecond, max(1_000, recordsPerSecond * 1_000))
        lastMillis = nowMillis
    }

    /// Whole records that may go now.
    var records: Int { Int(credit / 1_000) }

    mutating func spend(_ records: Int) { credit -= Int64(records) * 1_000 }

    /// When the next record may go; `nil` when none waits.
    var nextMillis: Int64? {
        guard !lanes.isEmpty, recordsPerSecond > 0 else { return nil }
        let missing = max(0, 1_000 - credit)
        return lastMillis + (missing + recordsPerSecond - 1) / recordsPerSecond
    }
}
