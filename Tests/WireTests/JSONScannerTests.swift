import Foundation
import Testing

@testable import Wire

/// Whether a text is JSON, against an independent reader and by hand.
@Suite struct JSONScannerTests {
    func fault(_ text: [UInt8]) -> JSONFault? {
        var scanner = JSONScanner()
        return text.withUnsafeBytes { raw in
            do throws(JSONFault) {
                try scanner.scan(raw, depthLimit: 32)
                return nil
            } catch {
                return error
            }
        }
    }

    func foundationTakes(_ text: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])) != nil
    }

    /// Random JSON, small, with the white space and escapes that the grammar allows.
    struct RandomJSON {
        var random: SeededGenerator
        var text: [UInt8] = []

        init(seed: UInt64) { random = SeededGenerator(seed: seed) }

        mutating func put(_ part: String) {
            if random.chance(1, in: 12) { text += Array(random.pick([" ", "\t", "\n", "\r", "  "]).utf8) }
            text += Array(part.utf8)
        }

        mutating func string() {
            let parts = [
                "a", "key", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\uD834\\udd1e", "é", "𝄞", "\u{7f}",
                "long enough for a word",
            ]
            put("\"" + (0..<random.below(4)).map { _ in random.pick(parts) }.joined() + "\"")
        }

        mutating func value(_ depth: Int) {
            switch random.below(depth > 4 ? 5 : 8) {
            case 0: put(random.pick(["true", "false", "null"]))
            case 1, 2:
                put(
                    random.pick([
                        "0", "-0", "1", "-12", "1.5", "-0.25", "1e3", "1E-2", "9007199254740993", "0e0", "1.25e+2",
                    ]))
            case 3, 4: string()
            case 5, 6: list("[", "]", depth) { $0.value(depth + 1) }
            default:
                list("{", "}", depth) {
                    $0.string()
                    $0.put(":")
                    $0.value(depth + 1)
                }
            }
        }

        mutating func list(_ opening: String, _ closing: String, _ depth: Int, _ element: (inout RandomJSON) -> Void) {
            put(opening)
            for index in 0..<random.below(4) {
                if index > 0 { put(",") }
                element(&self)
            }
            put(closing)
        }

        mutating func next() -> [UInt8] {
            text = []
            value(0)
            return text
        }
    }

    @Test func whatIsJSONIsTaken() {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var json = RandomJSON(seed: seed)
        for _ in 0..<5_000 {
            let text = json.next()
            #expect(fault(text) == nil, "\(String(decoding: text, as: UTF8.self))")
            #expect(foundationTakes(text), "\(String(decoding: text, as: UTF8.self))")
        }
    }

    /// Where Foundation is known to differ from RFC 8259: it takes a comma before the end of a container, and refuses
    /// numbers that a `Double` cannot hold.
    func isWhereFoundationDiffers(_ text: [UInt8], _ fault: JSONFault?) -> Bool {
        guard let fault else { return String(decoding: text, as: UTF8.self).contains(/[0-9][eE][-+]?[0-9]{3}/) }
        guard fault.offset < text.count, text[fault.offset] == 0x5d || text[fault.offset] == 0x7d else { return false }
        return text[..<fault.offset].last { ![0x20, 0x09, 0x0a, 0x0d].contains($0) } == UInt8(ascii: ",")
    }

    @Test func changedJSONIsTakenOrNotAsFoundationDoes() {
        let seed = SeededGenerator.freshSeed()
        print("seed \(seed)")
        var json = RandomJSON(seed: seed)
        var random = SeededGenerator(seed: ~seed)
        let pieces: [[UInt8]] =
            "{}[]\",:\\0123.eE+-tfnu/ \t\n\u{1}".utf8.map { [$0] }
            + ["\\u", "\\ud8", "00", "true", "\"\"", "é", "1.", "--"].map { Array($0.utf8) }
        var taken = 0
        var refused = 0
        for _ in 0..<20_000 {
            var text = json.next()
            for _ in 0...random.below(3) {
                let place = random.below(text.count + 1)
                switch random.below(3) {
                case 0: text.insert(contentsOf: random.pick(pieces), at: place)
                case 1: if place < text.count { text.replaceSubrange(place...place, with: random.pick(pieces)) }
                default: text.removeSubrange(place..<min(text.count, place + 1 + random.below(3)))
                }
            }
            let found = fault(text)
            // Text that is not UTF-8 and lone surrogates are judged as text, by other tests.
            if found?.kind.isText == true || text.withUnsafeBytes({ UTF8Check.firstFault(in: $0) }) != nil { continue }
            if isWhereFoundationDiffers(text, found) { continue }
            #expect(
                (found == nil) == foundationTakes(text),
                "\(String(decoding: text, as: UTF8.self)): \(found?.reason ?? "taken")")
            if found == nil { taken += 1 } else { refused += 1 }
        }
        #expect(taken > 500 && refused > 5_000)
    }

    @Test func tokensSayWhereValuesAre() throws {
        let text = Array(#" {"a":[1,{"b":"x\n"}],"c":-2.5} "#.utf8)
        var scanner = JSONScanner()
        try text.withUnsafeBytes { try scanner.scan($0, depthLimit: 32) }
        let tokens = scanner.tokens
        #expect(tokens.map(\.kind) == [.object, .string, .array, .number, .object, .string, .string, .string, .number])
        #expect(tokens.map(\.next) == [9, 2, 7, 4, 7, 6, 7, 8, 9])
        #expect(
            tokens.map { String(decoding: text[Int($0.start)..<Int($0.end)], as: UTF8.self) } == [
                #"{"a":[1,{"b":"x\n"}],"c":-2.5}"#, "a", #"[1,{"b":"x\n"}]"#, "1", #"{"b":"x\n"}"#, "b", #"x\n"#, "c",
                "-2.5",
            ])
        #expect(tokens.map(\.isPlain) == [true, true, true, true, true, true, false, true, false])
        #expect(scanner.depth == 3)
    }

    /// The word at a time reader stops at every byte that ends plain text, at every place in a word.
    @Test func everyByteAtEveryPlaceOfAStringIsSeen() {
        for length in 0..<20 {
            for place in 0..<max(length, 1) where length > 0 {
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: 0x61, count: length)
                    text[place] = byte
                    let isPlain = byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5c
                    let found = fault([0x22] + text + [0x22])
                    // After a backslash an `a` is no escape; a quote leaves letters or a second quote behind.
                    #expect((found == nil) == isPlain, "\(byte) at \(place) of \(length)")
                }
            }
        }
    }
}
