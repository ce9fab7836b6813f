#!/usr/bin/env python3
"""Writes Swift from the schemas, one struct per message with decoding and encoding: Sources/Wire/Generated from
record.proto, Sources/LegacyMailbox/Generated from legacy.proto.

Reads the part of proto3 that Parley's schemas use (see the grammar in `Parser`) and refuses the rest by name and line.
Python 3.8 or newer, standard library only. The output is committed; a test runs this again and compares.

    python3 Schemas/generate.py                          write the generated files where they belong
    python3 Schemas/generate.py --output DIR             write those of record.proto to DIR instead
    python3 Schemas/generate.py --schema FILE            read another schema
"""
import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
# A schema, where its code belongs, and what that imports: the reader and writer of protobuf are in Wire.
TARGETS = {
    "record.proto": (HERE.parent / "Sources" / "Wire" / "Generated", []),
    "legacy.proto": (HERE.parent / "Sources" / "LegacyMailbox" / "Generated", ["Wire"]),
}
SCALARS = {"uint32": 0, "int64": 0, "bool": 0, "bytes": 2, "string": 2}
TOKEN = re.compile(
    r"\s*(?://(?P<comment>[^\n]*)|(?P<word>[A-Za-z_][A-Za-z0-9_.]*)|(?P<number>\d+)"
    r"|(?P<text>\"[^\"]*\")|(?P<mark>[{};=]))")


class SchemaError(Exception):
    pass


class Field:
    def __init__(self, name, kind, number, label, notes):
        self.name, self.kind, self.number, self.label = name, kind, number, label
        self.swift = camel(name)
        self.identifier = notes.get("swift")
        self.limit = notes.get("limit")


class Oneof:
    def __init__(self, name, fields, kinds):
        self.name, self.fields, self.kinds = name, fields, kinds
        self.number = min(field.number for field in fields)
        self.swift = camel(name)
        self.type = self.swift[0].upper() + self.swift[1:]


class Message:
    def __init__(self, name):
        self.name, self.parts, self.enums = name, [], []

    def fields(self):
        for part in self.parts:
            yield from part.fields if isinstance(part, Oneof) else [part]


class Enum:
    def __init__(self, name, values):
        prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper() + "_"
        self.name = name
        self.values = [(camel(value[len(prefix):].lower()), number) for value, number in values]
        if not all(value.startswith(prefix) for value, _ in values) or self.values[0][1] != 0:
            raise SchemaError(f"enum {name}: values begin with {prefix} and the first is 0")


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Parser:
    """syntax = "proto3"; package NAME; then messages and enums.

    message NAME { [optional | repeated] TYPE NAME = NUMBER; ... oneof NAME { TYPE NAME = NUMBER; ... } enum ... }
    """

    NOTES = {"swift": r"swift: (\w+)", "limit": r"at most (\d+)", "kinds": r"kinds (\d+) to (\d+)"}

    def __init__(self, text):
        self.tokens, self.at = [], 0
        position, line = 0, 1
        text = text.rstrip() + "\n"
        while text[position:].strip():
            match = TOKEN.match(text, position)
            if not match:
                raise SchemaError(f"line {line}: cannot read {text[position:position + 20]!r}")
            line += text.count("\n", position, match.start(match.lastgroup))
            self.tokens.append((match.lastgroup, match.group(match.lastgroup), line))
            position = match.end()

    def error(self, what):
        _, value, line = self.tokens[min(self.at, len(self.tokens) - 1)]
        raise SchemaError(f"line {line}: expected {what}, found {value!r}")

    def skip_comments(self):
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "comment":
            self.at += 1

    def peek(self):
        self.skip_comments()
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self, what, group=None):
        self.skip_comments()
        if self.at == len(self.tokens) or self.tokens[self.at][0] != group and self.tokens[self.at][1] != what:
            self.error(what)
        self.at += 1
        return self.tokens[self.at - 1][1]

    def notes(self):
        """What a comment on the line of the last token says to this script."""
        line = self.tokens[self.at - 1][2]
        found = {}
        if self.at < len(self.tokens) and self.tokens[self.at][0] == "comment" and self.tokens[self.at][2] == line:
            comment = self.tokens[self.at][1].strip()
            for key, pattern in self.NOTES.items():
                match = re.fullmatch(pattern, comment)
                if match:
                    found[key] = match.groups() if key == "kinds" else match.group(1)
        return found

    def schema(self):
        for word in ("syntax", "=", '"proto3"', ";", "package"):
            self.take(word)
        package = self.take("a package name", "word")
        self.take(";")
        messages, enums = [], []
        while self.peek() is not None:
            if self.peek() == "enum":
                enums.append(self.enum())
            else:
                messages.append(self.message())
        return package, messages, enums

    def enum(self):
        self.take("enum")
        name, values = self.take("a name", "word"), []
        self.take("{")
        while self.peek() != "}":
            value = self.take("a value's name", "word")
            self.take("=")
            values.append((value, int(self.take("a number", "number"))))
            self.take(";")
        self.take("}")
        return Enum(name, values)

    def message(self):
        self.take("message")
        message = Message(self.take("a name", "word"))
        self.take("{")
        while self.peek() != "}":
            if self.peek() == "enum":
                message.enums.append(self.enum())
            elif self.peek() == "oneof":
                message.parts.append(self.oneof())
            else:
                message.parts.append(self.field())
        self.take("}")
        return message

    def oneof(self):
        self.take("oneof")
        name, fields = self.take("a name", "word"), []
        self.take("{")
        kinds = self.notes().get("kinds")
        while self.peek() != "}":
            fields.append(self.field())
        self.take("}")
        if any(field.label for field in fields):
            raise SchemaError(f"oneof {name}: a part has neither optional nor repeated")
        return Oneof(name, fields, kinds)

    def field(self):
        label = self.take("a label", "word") if self.peek() in ("optional", "repeated") else ""
        kind, name = self.take("a type", "word"), self.take("a name", "word")
        self.take("=")
        number = int(self.take("a number", "number"))
        self.take(";")
        return Field(name, kind, number, label, self.notes())


class Writer:
    """One Swift file per message; the enums of the file level in one more."""

    def __init__(self, package, messages, enums, source, imports):
        self.imports = "".join(f"import {name}\n" for name in imports) + ("\n" if imports else "")
        self.space = "".join(part.capitalize() for part in package.split("."))
        self.source, self.messages, self.enums = source, messages, enums
        self.message_names = {message.name for message in messages}
        for message in messages:
            self.check(message)

    def check(self, message):
        fields = list(message.fields())
        enums = {enum.name for enum in message.enums + self.enums}
        ordered = sorted(message.parts, key=lambda part: part.number)
        numbers = [field.number for part in ordered for field in getattr(part, "fields", [part])]
        if numbers != sorted(set(numbers)):
            raise SchemaError(f"{message.name}: field numbers ascend, once each, and a oneof's stand together")
        for field in fields:
            place = f"{message.name}.{field.name}"
            if not 1 <= field.number <= 2047:
                raise SchemaError(f"{place}: numbers reach from 1 to 2047, whose tags take at most two bytes")
            if field.kind not in SCALARS and field.kind not in self.message_names | enums:
                raise SchemaError(f"{place}: type {field.kind} is not one this script knows")
            if field.identifier and field.kind != "bytes":
                raise SchemaError(f"{place}: only bytes can be an identifier")
            if field.label == "optional" and (field.identifier or field.kind in self.message_names):
                raise SchemaError(f"{place}: identifiers and messages are optional without the word")
            repeatable = field.identifier or (field.kind in self.message_names and field.limit)
            if field.label == "repeated" and not repeatable:
                raise SchemaError(f"{place}: repeated are identifiers, and messages with a bound `at most N`")

    def files(self):
        head = "// swift-format-ignore-file\n"
        head += f"// Written by Schemas/generate.py from Schemas/{self.source}. Do not edit.\n\n"
        messaging = "import Messaging\n\n"
        space = [f"/// The messages of Schemas/{self.source}.", f"enum {self.space} {{"]
        for enum in self.enums:
            space += self.enum(enum)
        yield f"{self.space}.swift", head + "\n".join(space + ["}", ""])
        for message in self.messages:
            used = any(field.identifier for field in message.fields())
            lines = self.declaration(message) + [""] + self.decoding(message) + [""] + self.encoding(message)
            text = head + (messaging if used else "") + self.imports + "\n".join(lines) + "\n"
            yield f"{self.space}+{message.name}.swift", text

    # Declarations

    def enum(self, enum):
        cases = [f"        case {name} = {number}" for name, number in enum.values]
        return [f"    enum {enum.name}: UInt64 {{"] + cases + ["    }"]

    def type(self, field):
        if field.identifier:
            return field.identifier
        return {"uint32": "UInt32", "int64": "Int64", "bool": "Bool", "bytes": "[UInt8]", "string": "[UInt8]"}.get(
            field.kind, self.qualified(field.kind))

    def qualified(self, kind):
        """Types of the file level stand in the package's namespace, those of a message in the message."""
        outside = self.message_names | {enum.name for enum in self.enums}
        return f"{self.space}.{kind}" if kind in outside else kind

    def default(self, field):
        if field.kind in ("bytes", "string"):
            return "[]"
        return {"uint32": "0", "int64": "0", "bool": "false"}[field.kind]

    def is_optional(self, field):
        has_presence = field.identifier or field.kind in self.message_names
        return field.label == "optional" or (field.label != "repeated" and has_presence)

    def is_enum(self, field):
        return field.kind not in SCALARS and field.kind not in self.message_names

    def variable(self, message, part):
        if isinstance(part, Oneof):
            lines = [f"        var {part.swift}: {part.type}?"]
            if part.kinds:
                lines.append("        /// The number of a kind that this version does not know.")
                lines.append(f"        var unknown{part.type}: UInt32?")
            return lines
        if part.label == "repeated":
            return [f"        var {part.swift}: [{self.type(part)}] = []"]
        if self.is_optional(part):
            return [f"        var {part.swift}: {self.type(part)}?"]
        if self.is_enum(part):
            enums = {enum.name: enum for enum in message.enums + self.enums}
            return [f"        var {part.swift}: {self.qualified(part.kind)} = .{enums[part.kind].values[0][0]}"]
        return [f"        var {part.swift}: {self.type(part)} = {self.default(part)}"]

    def declaration(self, message):
        lines = [f"extension {self.space} {{", f"    struct {message.name} {{"]
        for enum in message.enums:
            lines += ["    " + line for line in self.enum(enum)] + [""]
        for part in message.parts:
            if isinstance(part, Oneof):
                lines.append(f"        enum {part.type} {{")
                lines += [f"            case {field.swift}({self.type(field)})" for field in part.fields]
                lines += ["        }", ""]
        for part in message.parts:
            lines += self.variable(message, part)
        if message.parts:
            lines.append("")
        return lines + ["        init() {}", "    }", "}"]

    # Decoding

    def wire(self, field):
        return 2 if field.kind in self.message_names else SCALARS.get(field.kind, 0)

    def read(self, message, field):
        """Statements before the value, and the value."""
        place = f'"{message.name}.{field.name}"'
        if field.identifier:
            return [], f"{field.identifier}(try reader.identifier({place}))"
        if field.kind == "bytes":
            return [], f"try reader.bytes({place})"
        if field.kind == "string":
            return [], f"try reader.text({place})"
        if field.kind == "bool":
            return [], f"try reader.varint({place}) != 0"
        if field.kind == "int64":
            return [], f"Int64(bitPattern: try reader.varint({place}))"
        if field.kind == "uint32":
            return ([f"let value = try reader.varint({place})",
                     f"guard value <= UInt64(UInt32.max) else {{ throw ProtobufFault(.varintOverflow, {place}) }}"],
                    "UInt32(truncatingIfNeeded: value)")
        if field.kind in self.message_names:
            return [], f"try {self.space}.{field.kind}(try reader.nested({place}))"
        return ([f"guard let value = {self.qualified(field.kind)}(rawValue: try reader.varint({place})) else {{",
                 f"    throw ProtobufFault(.unknownEnumValue, {place})", "}"], "value")

    def assign(self, message, part, field):
        place = f'"{message.name}.{field.name}"'
        before, value = self.read(message, field)
        if isinstance(part, Oneof):
            return before + [f"{part.swift} = .{field.swift}({value})"]
        if field.label != "repeated":
            return before + [f"{field.swift} = {value}"]
        if field.identifier:
            # 18 bytes of input for each: never more memory than input.
            before.append(f"if {field.swift}.isEmpty {{ {field.swift}.reserveCapacity(1 + reader.remaining / 18) }}")
        if field.limit:
            otherwise = f"throw ProtobufFault(.tooMany, {place})"
            before.append(f"guard {field.swift}.count < {field.limit} else {{ {otherwise} }}")
        return before + [f"{field.swift}.append({value})"]

    def decoding(self, message):
        lines = [f"extension {self.space}.{message.name} {{",
                 "    init(_ bytes: ProtobufReader) throws(ProtobufFault) {",
                 "        self.init()", "        var reader = bytes", "        while let tag = try reader.tag() {",
                 "            switch tag {"]
        for part in message.parts:
            for field in part.fields if isinstance(part, Oneof) else [part]:
                lines.append(f"            case {field.number * 8 + self.wire(field)}:  // {field.name}")
                lines += [" " * 16 + line for line in self.assign(message, part, field)]
        lines.append("            default:")
        numbers = ", ".join(str(field.number) for field in message.fields())
        if numbers:
            lines += ["                switch tag >> 3 {", f"                case {numbers}:",
                      f'                    throw ProtobufFault(.wrongWireType, "{message.name}")']
            for part in message.parts:
                if isinstance(part, Oneof) and part.kinds:
                    lines += [f"                case {part.kinds[0]}...{part.kinds[1]}:",
                              f"                    unknown{part.type} = tag >> 3",
                              "                    try reader.skip(tag)"]
            lines += ["                default:", "                    try reader.skip(tag)", "                }"]
        else:
            lines.append("                try reader.skip(tag)")
        return lines + ["            }", "        }", "    }", "}"]

    # Encoding

    def tag(self, field):
        return field.number * 8 + self.wire(field)

    def number(self, field, value):
        if field.kind == "bool":
            return f"{value} ? 1 : 0"
        if field.kind == "int64":
            return f"UInt64(bitPattern: {value})"
        return f"{value}.rawValue" if self.is_enum(field) else f"UInt64({value})"

    def tag_size(self, field):
        return 1 if field.number < 16 else 2

    def size(self, field, value):
        tag = self.tag_size(field)
        if field.identifier:
            return f"size += {tag + 17}"
        if field.kind == "bool":
            return f"size += {tag + 1}"
        if field.kind in ("bytes", "string"):
            return f"size += {tag} + ProtobufWriter.size(ofDelimited: {value}.count)"
        if field.kind in self.message_names:
            return f"size += {tag} + ProtobufWriter.size(ofDelimited: {value}.encodedSize)"
        return f"size += {tag} + ProtobufWriter.size(ofVarint: {self.number(field, value)})"

    def write(self, field, value):
        tag = self.tag(field)
        if field.identifier:
            return [f"writer.identifier(tag: {tag}, {value}.value)"]
        if field.kind in ("bytes", "string"):
            return [f"writer.bytes(tag: {tag}, {value})"]
        if field.kind in self.message_names:
            return [f"writer.varint(tag: {tag}, UInt64({value}.encodedSize))", f"{value}.encode(into: &writer)"]
        return [f"writer.varint(tag: {tag}, {self.number(field, value)})"]

    def is_given(self, field):
        """The condition under which a field without presence is not its default."""
        if field.kind in ("bytes", "string"):
            return f"!{field.swift}.isEmpty"
        if field.kind == "bool":
            return field.swift
        return f"{field.swift}.rawValue != 0" if self.is_enum(field) else f"{field.swift} != 0"

    def each(self, message, statements):
        """Walks the fields in order of their numbers; `statements(field, value)` are the lines for one that is given."""
        lines = []
        for part in sorted(message.parts, key=lambda part: part.number):
            if isinstance(part, Oneof):
                lines.append(f"        switch {part.swift} {{")
                for field in part.fields:
                    lines.append(f"        case .{field.swift}(let value):")
                    lines += ["            " + line for line in statements(field, "value")]
                lines += ["        case nil: break", "        }"]
                continue
            if part.label == "repeated":
                opening, value = f"for value in {part.swift}", "value"
            elif self.is_optional(part):
                opening, value = f"if let value = {part.swift}", "value"
            else:
                opening, value = f"if {self.is_given(part)}", part.swift
            lines.append(f"        {opening} {{")
            lines += ["            " + line for line in statements(part, value)]
            lines.append("        }")
        return lines

    def encoding(self, message):
        lines = [f"extension {self.space}.{message.name} {{", "    /// The bytes that `encode` writes.",
                 "    var encodedSize: Int {"]
        if message.parts:
            body = self.each(message, lambda field, value: [self.size(field, value)])
            lines += ["        var size = 0"] + self.without_unused(body) + ["        return size", "    }"]
        else:
            lines += ["        0", "    }"]
        lines += ["", "    /// Writes the fields in the order of their numbers.",
                  "    func encode(into writer: inout ProtobufWriter) {"]
        return lines + self.each(message, self.write) + ["    }", "}"]

    @staticmethod
    def without_unused(lines):
        """Sizes that do not depend on the value bind no name to it, as the compiler warns of that."""
        kept = []
        for index, line in enumerate(lines):
            following = lines[index + 1] if index + 1 < len(lines) else ""
            if "value" not in following:
                line = line.replace("(let value):", ":")
                line = re.sub(r"if let value = (\w+) \{", r"if \1 != nil {", line)
                line = line.replace("for value in", "for _ in")
            kept.append(line)
        return kept


def write(schema, output, imports):
    package, messages, enums = Parser(schema.read_text(encoding="utf-8")).schema()
    files = dict(Writer(package, messages, enums, schema.name, imports).files())
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("*.swift"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (output / name).write_text(text, encoding="utf-8")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--schema", type=pathlib.Path)
    options.add_argument("--output", type=pathlib.Path)
    given = options.parse_args()
    if given.schema or given.output:
        schemas = [given.schema or HERE / "record.proto"]
    else:
        schemas = [HERE / name for name in TARGETS]
    for schema in schemas:
        output, imports = TARGETS.get(schema.name, TARGETS["record.proto"])
        try:
            write(schema, given.output or output, imports)
        except (SchemaError, OSError) as error:
            sys.exit(f"{schema}: {error}")


if __name__ == "__main__":
    main()
