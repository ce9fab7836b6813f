import Wire

/// The fields of an answer, by name, in the answer's order.
struct FieldValues: Equatable {
    private(set) var names: [String] = []
    private var values = ByName<JSONValue>()

    /// Words of somebody's, sealed or not: they are told apart and never shown.
    static let withheld: Set<String> = ["content", "title", "deleteReason"]

    /// A value as it may be shown; `nil` when it may not.
    static func shown(_ name: String, _ value: JSONValue) -> JSONValue? {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return withheld.contains(last) && value != .null ? nil : value
    }

    init() {}

    /// - Parameter write: writes the answer as one JSON object.
    /// - Throws: `TimeTravelError` with `damaged` when that is none.
    init(_ write: (inout JSONWriter) -> Void) throws {
        var writer = JSONWriter()
        write(&writer)
        do {
            add(try JSONValue(parsing: writer.bytes), to: "")
        } catch {
            throw TimeTravelError(.damaged, "an answer of the read path is no JSON: a defect of Parley", cause: error)
        }
    }

    subscript(name: String) -> JSONValue? { values[name] }

    mutating func set(_ name: String, _ value: JSONValue) {
        if values.update(value, for: name) == nil { names.append(name) }
    }

    /// Takes all fields of the other one, under a name in front.
    mutating func add(_ other: FieldValues, under prefix: String) {
        for name in other.names { set(prefix + name, other.values[name]!) }
    }

    func without(_ dropped: Set<String>) -> FieldValues {
        var kept = FieldValues()
        for name in names where !dropped.contains(name) { kept.set(name, values[name]!) }
        return kept
    }

    private mutating func add(_ value: JSONValue, to name: String) {
        let prefix = name.isEmpty ? "" : "\(name)."
        switch value {
        case .object(let fields):
            // What a content says is one value, whatever is in it.
            if Self.withheld.contains(name) { return set(name, value) }
            for field in fields { add(field.value, to: prefix + String(decoding: field.name, as: UTF8.self)) }
        case .array(let elements): add(elements, prefix)
        default: set(name, value)
        }
    }

    /// Elements of a list, each by what names it.
    private mutating func add(_ elements: [JSONValue], _ prefix: String) {
        var intervals: [String: Int] = [:]
        for element in elements {
            if let reaction = element["reaction"]?.text, case .array(let members)? = element["members"] {
                for member in members { set("\(prefix)\(reaction).\(member.text ?? "")", .bool(true)) }
            } else if let member = element["member"]?.text {
                intervals[member, default: 0] += 1
                let place = "\(prefix)\(member).\(intervals[member]!)."
                for name in ["joined", "left", "moderator"] { set(place + name, element[name] ?? .null) }
            } else if let id = element["id"]?.text {
                set(prefix + id, element["ord"] ?? .null)
            }
        }
    }
}

extension JSONValue {
    /// Of a string.
    var text: String? { if case .string(let text) = self { String(decoding: text, as: UTF8.self) } else { nil } }
}
