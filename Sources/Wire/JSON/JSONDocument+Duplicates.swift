extension JSONDocument {
    /// The offset of a name that stands twice in one object, at any depth, or `nil`.
    ///
    /// Names are compared as bytes after unescaping. Sorted, not compared pairwise, so that an object of a million
    /// names takes its time once.
    func firstDuplicateName() -> Int? {
        for (index, token) in tokens.enumerated() where token.kind == .object {
            if let offset = duplicateName(inObjectAt: index) { return offset }
        }
        return nil
    }

    private func duplicateName(inObjectAt index: Int) -> Int? {
        var names: [(bytes: [UInt8], offset: Int)] = []
        forEachName(inObjectAt: index) { name, _ in names.append((string(name), Int(name.start))) }
        guard names.count > 1 else { return nil }
        names.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        for (one, next) in zip(names, names.dropFirst()) where one.bytes == next.bytes {
            return max(one.offset, next.offset)
        }
        return nil
    }

    /// Gives each name of an object with the index of its value's token.
    @inline(__always)
    func forEachName(inObjectAt index: Int, _ body: (JSONToken, Int) -> Void) {
        let end = Int(tokens[index].next)
        var at = index + 1
        while at < end {
            body(tokens[at], at + 1)
            at = Int(tokens[at + 1].next)
        }
    }

    /// Gives the index of each element's token.
    @inline(__always)
    func forEachElement(inArrayAt index: Int, _ body: (Int) -> Void) {
        let end = Int(tokens[index].next)
        var at = index + 1
        while at < end {
            body(at)
            at = Int(tokens[at].next)
        }
    }
}
