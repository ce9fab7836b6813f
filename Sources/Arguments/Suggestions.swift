/// "Did you mean": the known word nearest to one that is not known.
enum Suggestions {
    /// A clause such as `; did you mean "append"?`, or nothing when no word is near.
    static func clause(for word: String, among known: [String], prefix: String = "") -> String {
        guard let nearest = nearest(to: word, among: known) else { return "" }
        return "; did you mean \"\(prefix)\(nearest)\"?"
    }

    /// The nearest word within a third of its length; of equals the first. A word that goes on where `word` ends is near.
    static func nearest(to word: String, among known: [String]) -> String? {
        let typed = Array(word.utf8)
        var best: (word: String, distance: Int)?
        for candidate in known {
            let letters = Array(candidate.utf8)
            let distance = typed.count >= 3 && letters.starts(with: typed) ? 1 : distance(typed, letters)
            guard distance <= max(1, letters.count / 3) else { continue }
            if best == nil || distance < best!.distance { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard !left.isEmpty, !right.isEmpty, left.count <= 64 else { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row] + [Int](repeating: 0, count: right.count)
            for column in 1...right.count {
                let replaced = last[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
                current[column] = min(replaced, last[column] + 1, current[column - 1] + 1)
                let swapped =
                    row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1]
                if swapped { current[column] = min(current[column], beforeLast[column - 2] + 1) }
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
