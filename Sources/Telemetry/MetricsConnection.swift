import Glibc

/// One client: reads its request, then writes its answer, never waiting.
struct MetricsConnection {
    let descriptor: Int32
    /// When it is closed, whatever it has done.
    let deadline: ContinuousClock.Instant
    private var request = MetricsRequest()
    private var answer: [UInt8]?
    private var written = 0
    /// The answer is sent: what the client still sends is taken, so that it is not told of a broken connection
    /// before it has read the answer.
    private var isDraining = false

    init(descriptor: Int32, deadline: ContinuousClock.Instant) {
        self.descriptor = descriptor
        self.deadline = deadline
    }

    /// What to wait for.
    var events: Int16 { Int16(answer == nil || isDraining ? POLLIN : POLLOUT) }

    /// Goes on as far as it goes.
    /// - Returns: whether the connection is to be closed.
    mutating func advance(figures: () -> [UInt8]) -> Bool {
        if answer == nil, readHead(figures) { return true }
        if answer != nil, !isDraining, writeAnswer() { return true }
        return isDraining && drain()
    }

    /// Tells a client that took too long, as far as it can be told at once.
    mutating func refuseSlow() {
        guard answer == nil else { return }
        answer = MetricsRequest.answer(.tooSlow)
        _ = writeAnswer()
    }

    private mutating func readHead(_ figures: () -> [UInt8]) -> Bool {
        var piece = [UInt8](repeating: 0, count: 2_048)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno != EAGAIN }
            if count == 0 { return true }
            request.add(piece[..<count])
            switch request.verdict {
            case .more: continue
            case .figures(let withBody):
                answer = MetricsRequest.answer(figures: figures(), withBody: withBody)
                return false
            case .refused(let refusal):
                answer = MetricsRequest.answer(refusal)
                return false
            }
        }
    }

    private mutating func writeAnswer() -> Bool {
        guard let answer else { return false }
        while written < answer.count {
            let count = answer.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + written, $0.count - written, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno != EAGAIN }
            written += count
        }
        shutdown(descriptor, Int32(SHUT_WR))
        isDraining = true
        return false
    }

    private func drain() -> Bool {
        var piece = [UInt8](repeating: 0, count: 2_048)
        // A bounded part in each turn, so that one client does not hold the others.
        for _ in 0..<16 {
            let count = read(descriptor, &piece, piece.count)
            if count == 0 { return true }
            if count < 0, errno != EINTR { return errno != EAGAIN }
        }
        return false
    }
}
