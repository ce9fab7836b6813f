import Wire

/// The fields of a subject as they became, each with what made it so.
struct KnownFields {
    /// A step that made a field what it is.
    struct Mark: Sendable {
        var cause: Cause
        /// Which of the releases it was, when the record also set free what had waited for it.
        var release: Int?
    }

    struct Field {
        var value: JSONValue
        var marks: [Mark]
        var omitted = 0
    }

    /// Counts are explained by all that changed them since they were last nothing.
    static let counts: Set<String> = ["unread", "participantCount"]
    /// Causes that are kept of a count: the first, and the last.
    static let causesAtMost = 1_000

    private(set) var names: [String] = []
    private(set) var fields = ByName<Field>()

    /// Takes what the fields are after a step.
    mutating func take(_ values: FieldValues, _ mark: Mark) {
        for name in values.names { set(name, values[name]!, mark) }
        for name in names where values[name] == nil { set(name, .null, mark) }
    }

    private mutating func set(_ name: String, _ value: JSONValue, _ mark: Mark) {
        guard var field = fields[name] else {
            names.append(name)
            fields[name] = Field(value: value, marks: [mark])
            return
        }
        guard field.value != value else { return }
        let isCounted = Self.counts.contains(name) && value != .int(0) && value != .null && field.value != .null
        field.value = value
        if isCounted {
            field.marks.append(mark)
            if field.marks.count > Self.causesAtMost {
                field.marks.remove(at: 1)
                field.omitted += 1
            }
        } else {
            field.marks = [mark]
            field.omitted = 0
        }
        fields[name] = field
    }
}
