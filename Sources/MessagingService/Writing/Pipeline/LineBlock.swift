import Glibc

/// Some successive lines of an input, and where each lies.
struct LineBlock: Sendable {
    struct Line: Sendable {
        /// Of the block's bytes, without the line feed; empty when the line was too long to be kept.
        let range: Range<Int>
        /// Bytes of the line.
        let count: Int
    }

    /// Counts the blocks of the input from 0.
    let number: Int
    /// The number of its first line, counted from 1.
    let firstLine: Int
    var bytes: [UInt8] = []
    var lines: [Line] = []
    /// Bytes of the input up to the end of the last line.
    var inputBytes = 0
}

/// Cuts an input into blocks of whole lines, however it comes in pieces. A line of more than `lineLimit` bytes is counted
/// and not kept, so memory is bounded by the limits whatever comes.
struct LineCutter {
    private let maximumLines: Int
    private let maximumBytes: Int
    private let lineLimit: Int
    private var block = LineBlock(number: 0, firstLine: 1)
    /// Where the line that has not ended yet begins in the block.
    private var lineStart = 0
    /// Bytes of that line so far.
    private var lineCount = 0
    private var inputBytes = 0

    /// - Parameters:
    ///   - maximumLines: lines of a block.
    ///   - maximumBytes: a block ends with the line that reaches this.
    init(maximumLines: Int, maximumBytes: Int = 4 << 20, lineLimit: Int) {
        precondition(maximumLines > 0)
        self.maximumLines = maximumLines
        self.maximumBytes = maximumBytes
        self.lineLimit = lineLimit
    }

    /// Takes the next piece of the input.
    /// - Parameter full: is given each block that is full.
    mutating func add(_ piece: UnsafeRawBufferPointer, full: (LineBlock) -> Void) {
        guard let base = piece.baseAddress else { return }
        var start = 0
        while start < piece.count {
            let lineFeed = memchr(base + start, Int32(UInt8(ascii: "\n")), piece.count - start)
            let end = lineFeed.map { UnsafeRawPointer($0) - base } ?? piece.count
            keep(UnsafeRawBufferPointer(rebasing: piece[start..<end]))
            guard lineFeed != nil else { return }
            inputBytes += 1
            endLine()
            if block.lines.count == maximumLines || block.bytes.count >= maximumBytes, let done = takeLines() {
                full(done)
            }
            start = end + 1
        }
    }

    /// The whole lines so far, when there are any; what has not ended stays.
    mutating func takeLines() -> LineBlock? {
        guard !block.lines.isEmpty else { return nil }
        var done = block
        block = LineBlock(number: done.number + 1, firstLine: done.firstLine + done.lines.count)
        block.bytes = Array(done.bytes[lineStart...])
        done.bytes.removeSubrange(lineStart...)
        lineStart = 0
        return done
    }

    /// The rest, a last line without line feed too.
    mutating func takeAll() -> LineBlock? {
        if lineCount > 0 { endLine() }
        return takeLines()
    }

    private mutating func keep(_ part: UnsafeRawBufferPointer) {
        inputBytes += part.count
        lineCount += part.count
        if lineCount > lineLimit {
            block.bytes.removeSubrange(lineStart...)
        } else {
            block.bytes.append(contentsOf: part)
        }
    }

    private mutating func endLine() {
        block.lines.append(.init(range: lineStart..<block.bytes.count, count: lineCount))
        block.inputBytes = inputBytes
        lineStart = block.bytes.count
        lineCount = 0
    }
}
