/// Finds which of a few fixed ASCII words some bytes are, without hashing and without allocating.
struct WordTable: Sendable {
    private struct Entry {
        /// The first eight bytes, or all with zeros after them.
        let head: UInt64
        let word: StaticString
        let index: Int
    }

    /// Ordered by length.
    private let entries: [Entry]
    /// For each length, where its entries start; one more for the end.
    private let starts: [Int]

    /// - Parameter words: ASCII, none twice; what is found is the place of a word in this list.
    init(_ words: [StaticString]) {
        let longest = words.map(\.utf8CodeUnitCount).max() ?? 0
        let ordered = words.enumerated().sorted { $0.element.utf8CodeUnitCount < $1.element.utf8CodeUnitCount }
        entries = ordered.map { index, word in
            Entry(head: Self.head(UnsafeRawPointer(word.utf8Start), word.utf8CodeUnitCount), word: word, index: index)
        }
        let counts = ordered.map(\.element.utf8CodeUnitCount)
        starts = (0...longest + 1).map { length in counts.firstIndex { $0 >= length } ?? counts.count }
    }

    @inline(__always)
    func index(of bytes: UnsafeRawBufferPointer) -> Int? {
        let count = bytes.count
        guard count > 0, count + 1 < starts.count, let base = bytes.baseAddress else { return nil }
        let head = Self.head(base, count)
        for place in starts[count]..<starts[count + 1] where entries[place].head == head {
            let word = UnsafeRawBufferPointer(start: entries[place].word.utf8Start, count: count)
            if count <= 8 || bytes.dropFirst(8).elementsEqual(word.dropFirst(8)) { return entries[place].index }
        }
        return nil
    }

    @inline(__always)
    private static func head(_ base: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count >= 8 { return UInt64(littleEndian: base.loadUnaligned(as: UInt64.self)) }
        var head: UInt64 = 0
        for offset in 0..<count {
            head |= UInt64(base.load(fromByteOffset: offset, as: UInt8.self)) << UInt64(offset * 8)
        }
        return head
    }
}
