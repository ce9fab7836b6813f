import Messaging
import TimeTravel
import Wire

/// Explained fields for people: fields and their values, those that became so together in one group, then a line for
/// each cause.
enum ExplanationText {
    static func text(_ fields: [ExplainedField]) -> String {
        var text = ""
        for (index, field) in fields.enumerated() {
            text += "\(TextTable.plain(field.name)): \(value(field.value))\n"
            let next = fields.dropFirst(index + 1).first
            if next?.causes != field.causes || next?.omitted != field.omitted { text += causes(field) }
        }
        return text
    }

    private static func causes(_ field: ExplainedField) -> String {
        if field.causes.isEmpty { return "    nothing ever made it anything\n" }
        var text = ""
        for (index, cause) in field.causes.enumerated() {
            if index == 1, field.omitted > 0 { text += "    ... \(field.omitted) more ...\n" }
            text += "    \(line(cause))\n"
        }
        return text
    }

    private static func value(_ value: JSONValue?) -> String {
        guard let value else { return "-" }
        if case .string(let text) = value { return TextTable.plain(text) }
        var writer = JSONWriter()
        value.write(to: &writer)
        return TextTable.plain(writer.bytes)
    }

    private static func line(_ cause: Cause) -> String {
        let who = cause.actor.map { " by \($0)" } ?? ""
        let what = cause.command.map { " \($0)" } ?? ""
        let id = cause.id.map { " \($0)" } ?? ""
        let origin = cause.origin == .legacy ? ", legacy" : ""
        let reason = cause.reason.map { ": \($0)" } ?? ""
        return "\(TextTime.text(micros: cause.appendTime))  \(cause.position) \(what)\(id)\(who)\(origin): "
            + cause.outcome + TextTable.plain(reason)
    }
}
