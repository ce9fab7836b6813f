import Testing

@testable import Telemetry

/// What is asked of the responder, without a network.
@Suite struct MetricsRequestTests {
    private func verdict(_ text: String) -> MetricsRequest.Verdict {
        var request = MetricsRequest()
        request.add(Array(text.utf8))
        return request.verdict
    }

    @Test(arguments: [
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", MetricsRequest.Verdict.figures(withBody: true)),
        ("GET /metrics?name[]=x HTTP/1.0\n\n", .figures(withBody: true)),
        ("HEAD /metrics HTTP/1.1\r\n\r\n", .figures(withBody: false)),
        ("GET / HTTP/1.1\r\n\r\n", .refused(.notFound)),
        ("GET /metrics/ HTTP/1.1\r\n\r\n", .refused(.notFound)),
        ("POST /other HTTP/1.1\r\n\r\n", .refused(.notFound)),
        ("POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789", .refused(.otherMethod)),
        ("get /metrics HTTP/1.1\r\n\r\n", .refused(.otherMethod)),
        ("GET /metrics\r\n\r\n", .refused(.malformed)),
        ("GET  /metrics HTTP/1.1\r\n\r\n", .refused(.malformed)),
        ("\r\n\r\n", .refused(.malformed)),
        ("GET /metrics HTTP/1.1\r\nHost: a\r\n", .more),
        ("", .more),
    ]) func onlyFiguresAreGiven(_ text: String, _ expected: MetricsRequest.Verdict) {
        #expect(verdict(text) == expected)
    }

    @Test func aHeadThatComesByteByByteIsUnderstood() {
        var request = MetricsRequest()
        let text = Array("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        for byte in text.dropLast() {
            request.add([byte])
            #expect(request.verdict == .more)
        }
        request.add(text.suffix(1))
        #expect(request.verdict == .figures(withBody: true))
    }

    @Test func aHeadThatIsTooLongIsRefusedAndNotKept() {
        var request = MetricsRequest()
        for _ in 0..<1_000 { request.add([UInt8](repeating: UInt8(ascii: "a"), count: 1_000)) }
        #expect(request.verdict == .refused(.tooLong))
        #expect(request.head.count <= MetricsRequest.headLimit + 1)
    }

    @Test func anAnswerSaysHowLongItIs() {
        let text = String(decoding: MetricsRequest.answer(figures: Array("a 1\n".utf8), withBody: true), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(text.contains("\r\nContent-Length: 4\r\n") && text.hasSuffix("\r\n\r\na 1\n"))
        let refusal = String(decoding: MetricsRequest.answer(.otherMethod), as: UTF8.self)
        #expect(
            refusal.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n") && refusal.contains("\r\nAllow: GET, HEAD\r\n"))
    }

    @Test(arguments: [
        ("127.0.0.1:9464", "127.0.0.1", 9464), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65535),
    ]) func anAddressIsAHostAndAPort(_ text: String, _ host: String, _ port: Int) throws {
        let address = try #require(MetricsAddress(text))
        #expect(address.host == host && Int(address.port) == port)
    }

    @Test(arguments: ["", "9464", ":9464", "localhost", "::1:9464", "[]:1", "localhost:65536", "localhost:-1", "a:b"])
    func anythingElseIsNoAddress(_ text: String) {
        #expect(MetricsAddress(text) == nil)
    }
}
