import Testing

@testable import MessagingService

struct LineCutterTests {
    /// Cuts a text that comes in pieces of this many bytes.
    private func cut(_ text: String, pieces: Int, lines: Int = 3, limit: Int = 100) -> [LineBlock] {
        var cutter = LineCutter(maximumLines: lines, lineLimit: limit)
        var blocks: [LineBlock] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            Array(bytes[start..<min(bytes.count, start + pieces)]).withUnsafeBytes {
                cutter.add($0) { blocks.append($0) }
            }
        }
        if let last = cutter.takeAll() { blocks.append(last) }
        return blocks
    }

    private func texts(_ blocks: [LineBlock]) -> [[String]] {
        blocks.map { block in block.lines.map { String(decoding: block.bytes[$0.range], as: UTF8.self) } }
    }

    @Test func linesAreTheSameHoweverTheyComeInPieces() {
        for pieces in 1...12 {
            let blocks = cut("a\nbb\n\nccc\nd\r\ne", pieces: pieces)
            #expect(texts(blocks) == [["a", "bb", ""], ["ccc", "d\r", "e"]])
            #expect(blocks.map(\.number) == [0, 1])
            #expect(blocks.map(\.firstLine) == [1, 4])
            #expect(blocks.map(\.inputBytes) == [6, 14])
        }
    }

    @Test func aLastLineFeedStartsNoLine() {
        #expect(texts(cut("a\nb\n", pieces: 2)) == [["a", "b"]])
        #expect(texts(cut("", pieces: 1)).isEmpty)
        #expect(texts(cut("\n", pieces: 1)) == [[""]])
    }

    @Test func aLineTooLongIsCountedAndNotKept() {
        let long = String(repeating: "x", count: 250)
        for pieces in [1, 7, 100, 101, 1000] {
            let blocks = cut("a\n\(long)\nb\n", pieces: pieces)
            #expect(texts(blocks) == [["a", "", "b"]])
            #expect(blocks[0].lines.map(\.count) == [1, 250, 1])
            #expect(blocks[0].bytes.count == 2)
        }
    }

    @Test func aPauseGivesTheWholeLinesAndKeepsTheRest() {
        var cutter = LineCutter(maximumLines: 10, lineLimit: 100)
        Array("a\nbb\nc".utf8).withUnsafeBytes { cutter.add($0) { _ in } }
        let first = cutter.takeLines()
        #expect(first.map { texts([$0]) } == [["a", "bb"]])
        #expect(cutter.takeLines() == nil)
        Array("d\n".utf8).withUnsafeBytes { cutter.add($0) { _ in } }
        let second = cutter.takeLines()
        #expect(second.map { texts([$0]) } == [["cd"]])
        #expect(second?.firstLine == 3)
        #expect(second?.number == 1)
    }
}
