import Glibc
import Synchronization

/// Stands between a client and a server of this machine, and cuts the connection at a given piece of what they say.
///
/// Threads: any.
public final class CuttingProxy: Sendable {
    private struct State {
        /// Pieces still passed, in both directions together; `nil` when nothing is cut.
        var left: Int?
        var deliversLast = false
        var cuts = 0
        var descriptors: Set<Int32> = []
    }

    /// Where clients connect, on 127.0.0.1.
    public let port: Int32
    private let target: Int32
    private let listener: Int32
    private let state = Mutex(State())

    /// - Parameter target: the server's port.
    /// - Throws: `TestFailure`.
    public init(target: Int32) throws {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 16) == 0 ? getsockname(listener, $0, &size) : -1
            }
        }
        guard code == 0 else { throw TestFailure("the proxy cannot listen: errno \(errno)") }
        port = Int32(UInt16(bigEndian: address.sin_port))
        _ = Threads.start { self.accept() }
    }

    /// Cuts when so many pieces have passed.
    /// - Parameter deliveringLast: whether the last one arrives before the cut.
    public func cut(after pieces: Int, deliveringLast: Bool) {
        state.withLock {
            $0.left = pieces
            $0.deliversLast = deliveringLast
        }
    }

    /// How often it has cut.
    public var cuts: Int { state.withLock { $0.cuts } }

    /// Ends it and every connection.
    public func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in state.withLock({ $0.descriptors }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client < 0 {
                if errno == EINTR { continue }
                Glibc.close(listener)
                return
            }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            for descriptor in [client, server] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            var address = Self.loopback(port: target)
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            state.withLock { $0.descriptors.formUnion([client, server]) }
            if code != 0 { shutdown(client, Int32(SHUT_RDWR)) }
            _ = Threads.start { self.serve(client, server) }
        }
    }

    private func serve(_ client: Int32, _ server: Int32) {
        let back = Threads.start { self.pass(from: server, to: client) }
        pass(from: client, to: server)
        // It throws nothing.
        _ = try? back.join()
        state.withLock { $0.descriptors.subtract([client, server]) }
        Glibc.close(client)
        Glibc.close(server)
    }

    private enum Fate { case passed, cut, deliveredAndCut }

    private func fate() -> Fate {
        state.withLock { state in
            guard let left = state.left else { return .passed }
            guard left <= 1 else {
                state.left = left - 1
                return .passed
            }
            state.left = nil
            state.cuts += 1
            return state.deliversLast ? .deliveredAndCut : .cut
        }
    }

    private func pass(from source: Int32, to sink: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            let fate = fate()
            if fate == .cut { break }
            var sent = 0
            while sent < count {
                let part = buffer.withUnsafeBytes {
                    send(sink, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                if part <= 0 { break }
                sent += part
            }
            if sent < count || fate == .deliveredAndCut { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
    }

    private static func loopback(port: Int32) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        address.sin_port = in_port_t(port).bigEndian
        return address
    }
}
