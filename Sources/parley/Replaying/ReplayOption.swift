import Arguments
import Projection

/// Options that rebuilding and comparing share.
enum ReplayOption {
    private static let words = ProjectionName.allCases.map(\.rawValue) + ["all"]

    static let view = Option<[ProjectionName]>.required(
        "view", placeholder: "shared|personal|all", help: "Which view.", completion: .words(words)
    ) { (text) throws(ConversionError) -> [ProjectionName] in
        let word = try Values.word(of: words)(text)
        return word == "all" ? ProjectionName.allCases : [ProjectionName(rawValue: word)!]
    }

    static let limit = Option.value(
        "limit", placeholder: "N", default: 1_000, defaultText: "1000",
        help: "Differences to print; all are counted.", convert: Values.integer(in: 0...Int.max))
}

extension Duration {
    /// Seconds with their fraction.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
