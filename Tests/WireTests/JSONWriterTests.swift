import Messaging
import Testing
import Wire

@Suite struct JSONWriterTests {
    @Test func commasStandBetweenValuesAndNowhereElse() {
        var writer = JSONWriter(appendingTo: Array("> ".utf8))
        writer.beginObject()
        writer.key("empty")
        writer.beginArray()
        writer.endArray()
        writer.key("list")
        writer.beginArray()
        writer.int(1)
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.null()
        writer.bool(true)
        writer.bool(false)
        writer.endArray()
        writer.string("text")
        writer.raw(Array("[0]".utf8))
        writer.endArray()
        writer.key(Array("a\"b".utf8))
        writer.word("w")
        writer.endObject()
        writer.endLine()
        writer.int(2)
        writer.endLine()
        #expect(
            text(writer.bytes) == #"> {"empty":[],"list":[1,{},[null,true,false],"text",[0]],"a\"b":"w"}"# + "\n2\n")
        writer.removeAll()
        writer.null()
        #expect(text(writer.bytes) == "null")
    }

    @Test func numbersAreWrittenInFull() {
        for value in [0, 1, -1, 10, 1_234_567_890, .max, .min] as [Int64] {
            var writer = JSONWriter()
            writer.int(value)
            #expect(text(writer.bytes) == "\(value)")
        }
        for (value, expected) in [(0.5, "0.5"), (3, "3.0"), (1e-7, "1e-07"), (-1.5e300, "-1.5e+300")] {
            var writer = JSONWriter()
            writer.number(value)
            #expect(text(writer.bytes) == expected)
            #expect((try? JSONValue(parsing: writer.bytes)) != nil)
        }
    }

    @Test func anyTextComesBackAsItWas() throws {
        for value in UInt8.min...UInt8.max where value != 0 && value < 0x80 {
            var writer = JSONWriter()
            writer.string([value, 0x61, value])
            #expect(try JSONValue(parsing: writer.bytes) == .string([value, 0x61, value]))
        }
    }

    @Test func anyValueComesBackAsItWas() throws {
        let source = #"{"a":[1,-2.50,1e9,99999999999999999999,"é\n",true,false,null,{"b":{}}],"":[]}"#
        let value = try JSONValue(parsing: Array(source.utf8))
        var writer = JSONWriter()
        value.write(to: &writer)
        #expect(text(writer.bytes) == source)
        #expect(
            value["a"]
                == .array([
                    .int(1), .number(Array("-2.50".utf8)), .number(Array("1e9".utf8)),
                    .number(Array("99999999999999999999".utf8)), .string(Array("é\n".utf8)), .bool(true),
                    .bool(false), .null, .object([.init(Array("b".utf8), .object([]))]),
                ]))
        #expect(value["c"] == nil)
    }

    @Test func whatIsNoValueIsAnError() {
        for source in ["", "{", "[1,]", #"{"a":1,"a":2}"#, "\"\\ud800\"", "[[[[]]]]"] {
            #expect(throws: WireError.self) { _ = try JSONValue(parsing: Array(source.utf8), depthLimit: 3) }
        }
    }
}
