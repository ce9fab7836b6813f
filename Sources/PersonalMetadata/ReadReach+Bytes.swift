import Messaging
import Projection

/// How a row's reads are stored: for each the member ord and how far it reaches, 8 bytes big-endian.
extension ReadReach {
    static func list(from bytes: [UInt8]) throws -> [ReadReach] {
        guard bytes.count % 16 == 0, bytes.count <= 16 * limit else {
            throw ProjectionError(
                .corrupt, "the reads of a row are \(bytes.count) bytes, not 16 each: rebuild the view from the log")
        }
        return stride(from: 0, to: bytes.count, by: 16).map { start in
            ReadReach(memberOrd: Int64(bigEndian: bytes, at: start), upTo: Int64(bigEndian: bytes, at: start + 8))
        }
    }

    static func bytes(of reads: [ReadReach]) -> [UInt8] {
        reads.flatMap { read in
            [read.memberOrd, read.upTo].flatMap { number in
                (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
            }
        }
    }
}

extension Int64 {
    fileprivate init(bigEndian bytes: [UInt8], at start: Int) {
        self = bytes[start..<start + 8].reduce(0) { $0 << 8 | Int64($1) }
    }
}
