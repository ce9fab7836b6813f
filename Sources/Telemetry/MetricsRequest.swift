/// What a client of the figures asked, judged without any input or output: only the head is read, only `GET` or `HEAD` of
/// `/metrics` is answered with figures.
struct MetricsRequest {
    /// Bytes of a request's head, at most.
    static let headLimit = 8_192

    enum Verdict: Equatable {
        /// The head is not complete.
        case more
        case figures(withBody: Bool)
        case refused(Refusal)
    }

    /// Why there is nothing but a status.
    enum Refusal: Int, Equatable {
        case malformed = 400
        case notFound = 404
        case otherMethod = 405
        case tooSlow = 408
        case tooLong = 431

        var reason: String {
            switch self {
            case .malformed: "Bad Request"
            case .notFound: "Not Found"
            case .otherMethod: "Method Not Allowed"
            case .tooSlow: "Request Timeout"
            case .tooLong: "Request Header Fields Too Large"
            }
        }
    }

    private(set) var head: [UInt8] = []
    private(set) var verdict = Verdict.more

    /// Takes what came; what is behind the head is not looked at.
    mutating func add(_ bytes: some Collection<UInt8>) {
        guard verdict == .more else { return }
        let from = max(0, head.count - 3)
        head += bytes.prefix(Self.headLimit + 1 - head.count)
        if let end = Self.end(of: head, from: from) {
            verdict = end > Self.headLimit ? .refused(.tooLong) : Self.judge(head[..<end])
        } else if head.count > Self.headLimit {
            verdict = .refused(.tooLong)
        }
    }

    /// Where the empty line ends; a line may end with a bare line feed.
    private static func end(of head: [UInt8], from start: Int) -> Int? {
        let (feed, carriage) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        for index in start..<head.count where head[index] == feed {
            if index >= 1, head[index - 1] == feed { return index + 1 }
            if index >= 2, head[index - 1] == carriage, head[index - 2] == feed { return index + 1 }
        }
        return nil
    }

    private static func judge(_ head: ArraySlice<UInt8>) -> Verdict {
        var line = head.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, words[2].starts(with: Array("HTTP/1.".utf8)), !words[0].isEmpty else {
            return .refused(.malformed)
        }
        guard words[1].prefix(while: { $0 != UInt8(ascii: "?") }).elementsEqual("/metrics".utf8) else {
            return .refused(.notFound)
        }
        if words[0].elementsEqual("GET".utf8) { return .figures(withBody: true) }
        return words[0].elementsEqual("HEAD".utf8) ? .figures(withBody: false) : .refused(.otherMethod)
    }

    /// A whole answer, after which the connection ends.
    static func answer(_ refusal: Refusal) -> [UInt8] {
        let body = "\(refusal.rawValue) \(refusal.reason): GET /metrics\n"
        return Array(
            (head("\(refusal.rawValue) \(refusal.reason)", "text/plain; charset=utf-8", body.utf8.count)
                + (refusal == .otherMethod ? "Allow: GET, HEAD\r\n" : "") + "\r\n" + body).utf8)
    }

    /// The figures as an answer, after which the connection ends.
    static func answer(figures: [UInt8], withBody: Bool) -> [UInt8] {
        Array((head("200 OK", PrometheusText.contentType, figures.count) + "\r\n").utf8) + (withBody ? figures : [])
    }

    private static func head(_ status: String, _ type: String, _ length: Int) -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(length)\r\nCache-Control: no-store\r\n"
            + "Connection: close\r\n"
    }
}
