import EventLog
import Glibc

/// Stands between clients and a server of this machine, and can lose what the server answers.
///
/// Threads: any.
public final class TCPProxy: @unchecked Sendable {
    /// Where clients connect.
    public let port: Int
    private let target: Int
    private let listener: Int32
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var connections: [Int: (client: Int32, server: Int32)] = [:]
    private var next = 0
    private var losesAnswers = false
    private var lost = 0
    private var isClosed = false

    /// - Parameters:
    ///   - port: a free one.
    ///   - target: the server's, on 127.0.0.1.
    public init(port: Int, target: Int) throws {
        self.port = port
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(listener, F_SETFD, FD_CLOEXEC)
        guard Loopback.withAddress(port, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else {
            throw TestFailure("cannot listen on \(port): errno \(errno)")
        }
        _ = Threads.start { self.accept() }
    }

    /// From now on what the server answers is thrown away.
    public func loseAnswers() { monitor.withLock { losesAnswers = true } }

    /// How many bytes of answers were thrown away.
    public var lostBytes: Int { monitor.withLock { lost } }

    /// Cuts every connection; new ones pass everything.
    public func cut() {
        monitor.withLock {
            losesAnswers = false
            for (client, server) in connections.values {
                shutdown(client, Int32(SHUT_RDWR))
                shutdown(server, Int32(SHUT_RDWR))
            }
        }
    }

    /// Ends the proxy.
    public func close() {
        monitor.withLock { isClosed = true }
        cut()
        shutdown(listener, Int32(SHUT_RDWR))
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
            guard Loopback.withAddress(target, { connect(server, $0, $1) }) == 0 else {
                Glibc.close(client)
                Glibc.close(server)
                continue
            }
            let number = monitor.withLock {
                next += 1
                connections[next] = (client, server)
                return next
            }
            _ = Threads.start {
                let back = Threads.start { self.pass(from: server, to: client, areAnswers: true) }
                self.pass(from: client, to: server, areAnswers: false)
                try back.join()
                self.monitor.withLock { self.connections[number] = nil }
                Glibc.close(client)
                Glibc.close(server)
            }
        }
    }

    private func pass(from source: Int32, to sink: Int32, areAnswers: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            let isLost = monitor.withLock {
                if areAnswers && losesAnswers { lost += count }
                return areAnswers && losesAnswers
            }
            if isLost { continue }
            var sent = 0
            while sent < count {
                let part = buffer.withUnsafeBytes {
                    send(sink, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                }
                if part <= 0 { break }
                sent += part
            }
            if sent < count { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
    }
}

/// Addresses of this machine alone.
enum Loopback {
    static func withAddress(_ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
