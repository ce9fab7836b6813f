"""Answers like the product would, out of the model: `compare.py` is tried on it where there is no product.

Usage: stand_in.py READ ... --data DIR [--json]; DIR/log.jsonl is the log. With STAND_IN_LIES=1 in the environment one
field of every object is wrong, and the comparison has to notice.
"""

import argparse
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from parley_model import Model, read_lines  # noqa: E402

FIELD_OF_LIES = {"read": lambda value: not value, "participantCount": lambda value: value + 1,
                 "readUpTo": lambda value: 7, "joined": lambda value: -1, "reason": lambda value: "tooLarge"}


def parse(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("ids", nargs="*")
    for name in ("--data", "--as", "--after", "--before"):
        parser.add_argument(name)
    for name in ("--json", "--archived", "--open", "--once"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--limit", type=int, default=50)
    return parser.parse_intermixed_args(arguments)


def page_of(items, options):
    """A page and the tokens around it; a token is an index."""
    if options.before is not None:
        end = int(options.before)
        start = max(0, end - options.limit)
    else:
        start = int(options.after or 0)
        end = min(len(items), start + options.limit)
    return items[start:end], (str(start) if start > 0 else None), (str(end) if end < len(items) else None)


def lies(value):
    if isinstance(value, list):
        return [lies(each) for each in value]
    if isinstance(value, dict):
        return {name: FIELD_OF_LIES.get(name, lies)(inner) for name, inner in value.items()}
    return value


def answer(model, options):
    """The lines to print, None for what is not there."""
    member = getattr(options, "as")
    if options.command == "export":
        return model.export(member)
    if options.command == "mailbox":
        whole = model.mailbox(member, options.archived)
        rows, _, after = page_of(whole["conversations"], options)
        return [{"conversations": rows, "badge": whole["badge"], "next": after, "token": "t"}]
    if options.command == "message":
        found = model.message(*options.ids, member)
        return None if found is None else [found]
    if options.command == "conversation":
        whole = model.conversation(*options.ids, member)
        if whole is None:
            return None
        if options.before is None and options.after is None:
            options.before = str(len(whole["messages"]))
        messages, before, after = page_of(whole["messages"], options)
        return [{**whole, "messages": messages, "previous": before, "next": after, "token": "t"}]
    items = getattr(model, options.command)(*options.ids, member)
    if items is None:
        return None
    page, _, after = page_of(items, options)
    return page + [{"next": after, "token": "t"}]


def main():
    options = parse(sys.argv[1:])
    if options.command == "project":
        return 0
    with open(os.path.join(options.data, "log.jsonl"), "rb") as file:
        lines = read_lines(file)
    found = lines if options.command == "log" else answer(Model(lines), options)
    if found is None:
        return 1
    if os.environ.get("STAND_IN_LIES") and options.command != "log":
        found = lies(found)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in found)
    sys.stdout.buffer.write(text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
