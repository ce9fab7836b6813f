public import Messaging

/// Reads commands in their JSON form, one a line (INTERFACE, "A command as JSON").
///
/// Strict: every fault of a line is looked for and the first in the order of `Refusal.Code` is reported. Time is linear
/// in the line but for the sorting of names of a line that is refused; memory is bounded by the line's size and kept for
/// the next one. Not for several threads at once: each has its own.
public struct CommandParser: Sendable {
    /// Bytes of a line.
    public static let lineLimit = 8 * 1024 * 1024
    /// How deep objects and lists may lie in each other; the command itself is 1.
    public static let depthLimit = 32

    private var scanner = JSONScanner()

    public init() {}

    /// Whether a line has nothing but white space, as JSON knows it, and is to be skipped.
    public static func isBlank(_ line: UnsafeRawBufferPointer) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
    }

    /// - Parameter line: without the line feed that ends it; white space around the object is allowed.
    /// - Returns: what was asked. That an ord is ahead of the clock, a given message or conversation is not the computed
    ///   one and what hooks say is for admission to judge.
    /// - Throws: why it is refused.
    public mutating func parse(_ line: UnsafeRawBufferPointer) throws(Refusal) -> CommandRequest {
        let judged = try judge(line)
        if let refusal = judged.tooLarge { throw refusal }
        return judged.request
    }

    /// As `parse`, but a command that is only too large is given with that refusal: what admission finds comes before it.
    public mutating func judge(
        _ line: UnsafeRawBufferPointer
    ) throws(Refusal) -> (request: CommandRequest, tooLarge: Refusal?) {
        guard line.count <= Self.lineLimit else {
            throw Refusal(.tooLarge, "the line has \(line.count) bytes; the limit is \(Self.lineLimit)")
        }
        do throws(JSONFault) {
            try scanner.scan(line, depthLimit: Self.depthLimit)
        } catch {
            throw Self.refusal(error, line)
        }
        guard scanner.tokens[0].kind == .object else { throw Refusal(.json, "the line is not an object") }
        guard scanner.depth <= Self.depthLimit else {
            throw Refusal(.tooDeep, "nested \(scanner.depth) deep; the limit is \(Self.depthLimit)")
        }
        let document = JSONDocument(text: line, tokens: scanner.tokens)
        var reader = CommandReader(document)
        let request = reader.request()
        guard let worst = reader.fields.violations.worst else { return (request, nil) }
        // A line without faults has known names only, each seen once: only a refused one can hide a duplicate.
        if worst.code > .duplicateKey, let offset = document.firstDuplicateName() {
            throw Refusal(.duplicateKey, "a name stands twice in one object, at byte \(offset + 1)")
        }
        guard worst.code == .tooLarge else { throw worst }
        return (request, worst)
    }

    private static func refusal(_ fault: JSONFault, _ line: UnsafeRawBufferPointer) -> Refusal {
        if fault.kind.isText { return Refusal(.notText, fault.reason) }
        if let fault = JSONTextCheck.firstFault(in: line) { return Refusal(.notText, fault.reason) }
        return Refusal(.json, fault.reason)
    }
}
