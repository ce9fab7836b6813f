import COpenSSL

/// Random bytes bought from the library in large pieces: a call for 44 costs as much as encrypting a message.
///
/// Bytes are overwritten as soon as they have been used. The pool must not live through a `fork()` without `exec`:
/// parent and child would seal with the same content keys.
///
/// Threads: one at a time.
final class RandomPool {
    private static let pieceBytes = 8_192

    private let memory = UnsafeMutableRawPointer.allocate(byteCount: RandomPool.pieceBytes, alignment: 16)
    private var used = RandomPool.pieceBytes

    deinit {
        OPENSSL_cleanse(memory, RandomPool.pieceBytes)
        memory.deallocate()
    }

    /// Lends fresh bytes to the body.
    /// - Precondition: `count` is at most 8,192.
    @inline(__always)
    func withBytes<Result>(_ count: Int, _ body: (UnsafeRawPointer) throws -> Result) throws -> Result {
        precondition(count <= RandomPool.pieceBytes)
        if RandomPool.pieceBytes - used < count { try refill() }
        let place = memory + used
        used += count
        defer { OPENSSL_cleanse(place, count) }
        return try body(UnsafeRawPointer(place))
    }

    private func refill() throws {
        guard RAND_priv_bytes(memory.assumingMemoryBound(to: UInt8.self), Int32(RandomPool.pieceBytes)) == 1 else {
            throw ContentProtectionError.library("RAND_priv_bytes")
        }
        used = 0
    }
}
