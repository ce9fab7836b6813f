import Glibc
import TestSupport
import Testing

@testable import Telemetry

/// The responder on a real socket, and the file.
@Suite struct MetricsPublisherTests {
    private static let registry = MetricsRegistry([.init("test") { [MetricFamily("parley_a", .gauge, "A.", 1)] }])

    private func serving<Result>(
        _ registry: MetricsRegistry = registry, _ body: (UInt16) throws -> Result
    ) throws -> Result {
        let address = try #require(MetricsAddress("127.0.0.1:0"))
        let publisher = try MetricsPublisher(registry, address: address, file: nil) { _ in }
        publisher.start()
        defer { publisher.stop() }
        return try body(try #require(publisher.port))
    }

    private func connect(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw TestFailure("cannot connect: errno \(errno)") }
        return descriptor
    }

    private func send(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Everything up to the end of the connection.
    private func rest(of descriptor: Int32) -> String {
        defer { close(descriptor) }
        var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: 4_096))
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
    }

    private func ask(_ text: String, _ port: UInt16) throws -> String {
        let descriptor = try connect(port)
        send(text, to: descriptor)
        return rest(of: descriptor)
    }

    @Test func figuresAreGivenToWhoeverAsks() throws {
        try serving { port in
            for _ in 0..<20 {
                let answer = try ask("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", port)
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.contains("\nparley_a 1\n"))
            }
            #expect(try ask("GET /secret HTTP/1.1\r\n\r\n", port).hasPrefix("HTTP/1.1 404 "))
            #expect(try ask("DELETE /metrics HTTP/1.1\r\n\r\n", port).hasPrefix("HTTP/1.1 405 "))
            #expect(try ask(String(repeating: "x", count: 20_000), port).hasPrefix("HTTP/1.1 431 "))
        }
    }

    @Test func clientsThatSendNothingHoldNobody() throws {
        try serving { port in
            // Several times as many as are served at once.
            let idle = try (0..<3 * MetricsPublisher.connectionLimit).map { _ in try connect(port) }
            defer { for descriptor in idle { close(descriptor) } }
            for descriptor in idle { send("GET /met", to: descriptor) }
            #expect(try ask("GET /metrics HTTP/1.1\r\n\r\n", port).contains("\nparley_a 1\n"))
        }
    }

    @Test func aClientThatTakesTooLongIsToldSo() throws {
        try serving { port in
            let slow = try connect(port)
            send("GET /metrics HTTP/1.1\r\n", to: slow)
            #expect(rest(of: slow).hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func aClientThatReadsNothingHoldsNobody() throws {
        let text = String(repeating: "a", count: 1 << 20)
        let large = MetricsRegistry([
            .init("test") {
                var family = MetricFamily("parley_large", .gauge, "Large.")
                for index in 0..<32 { family.add(1, [.init("text", "\(index)\(text)")]) }
                return [family]
            }
        ])
        try serving(large) { port in
            let lazy = try connect(port)
            defer { close(lazy) }
            send("GET /metrics HTTP/1.1\r\n\r\n", to: lazy)
            let answer = try ask("GET /metrics HTTP/1.1\r\n\r\n", port)
            #expect(answer.utf8.count > 32 << 20 && answer.hasSuffix("\nparley_large{text=\"31\(text)\"} 1\n"))
        }
    }

    @Test func anAddressThatIsTakenIsAnError() throws {
        try serving { port in
            let address = try #require(MetricsAddress("127.0.0.1:\(port)"))
            #expect(throws: TelemetryError.self) {
                _ = try MetricsPublisher(Self.registry, address: address, file: nil) { _ in }
            }
        }
    }

    @Test func theFileHasTheLastFiguresWhenItStops() throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/parley.prom"
        let publisher = try MetricsPublisher(Self.registry, address: nil, file: MetricsFile(path)) { _ in }
        publisher.start()
        publisher.stop()
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&bytes, 1, bytes.count, file)
        #expect(String(decoding: bytes[..<count], as: UTF8.self).contains("\nparley_a 1\n"))
    }

    @Test func aFileThatCannotBeWrittenIsAnError() throws {
        #expect(throws: TelemetryError.self) { try MetricsFile("/nowhere/parley.prom").write([]) }
    }
}
