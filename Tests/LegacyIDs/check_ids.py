#!/usr/bin/env python3
"""Computes the ids of random legacy writes from Schemas/LEGACY.md and compares them with those of the executable.

    python3 Tests/LegacyIDs/check_ids.py PARLEY [--count 1000000] [--seed 1]

Python 3.8 or newer, standard library only. Prints one line; exit 1 and the first difference when one is found.
"""
import argparse
import hashlib
import json
import random
import struct
import subprocess
import sys
import tempfile
import uuid

NAMESPACE = uuid.UUID("9f02e5ff-bdc0-5c4f-98fc-67241590b612")
ALPHABET = "abcXYZ019 <>@.-_#\u00e9\u00df\u4e2d\U0001f600\u0301\"\\\n/"


def uuid5(namespace, name):
    digest = bytearray(hashlib.sha1(namespace.bytes + name).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(digest))


def field(data):
    return struct.pack(">I", len(data)) + data


def command(row, part):
    name = b"\x01" + {"thread": b"t", "participant": b"p", "copy": b"c"}[row["row"]]
    name += field(row["thread"].encode())
    if row["row"] != "thread":
        name += field(row["owner"].encode())
    if row["row"] == "copy":
        name += field(row["copy"].encode())
    name += struct.pack(">q", row["sourceVersion"]) + field(part)
    tail = uuid5(NAMESPACE, name).bytes
    millis = max(0, row["sourceVersion"]) // 1000
    return uuid.UUID(bytes=struct.pack(">Q", millis)[2:] + bytes([tail[6] & 0x0F | 0x80, tail[7]]) + tail[8:])


def expected(row):
    conversation = uuid5(NAMESPACE, b"thread" + row["thread"].encode())
    member = message = None
    if row["row"] != "thread":
        owner = row["owner"]
        try:
            is_uuid = str(uuid.UUID(owner)) == owner
        except ValueError:
            is_uuid = False
        member = owner if is_uuid else str(uuid5(NAMESPACE, b"member" + owner.encode()))
    if row["row"] == "copy":
        message = str(uuid5(conversation, b"legacy" + row["dedupKey"].encode()))
    return {"conversation": str(conversation), "member": member, "message": message,
            "command": str(command(row, b"write"))}


def make(dice):
    def text():
        return "".join(dice.choice(ALPHABET) for _ in range(dice.randint(1, 40)))

    def owner():
        return str(uuid.UUID(int=dice.getrandbits(128))) if dice.random() < 0.2 else text()

    row = {"format": 1, "operation": "insert", "sourceVersion": dice.randint(-5, 4 * 10**15), "thread": text()}
    kind = dice.choice(["thread", "participant", "copy", "copy"])
    if kind == "thread":
        row.update(row="thread", subject="", creator=text(), createdAt=1)
    elif kind == "participant":
        row.update(row="participant", owner=owner(), joinedAt=1, leftAt=None, folder="inbox")
    else:
        row.update(row="copy", owner=owner(), copy=text(), dedupKey=text(), folder="inbox", sender=text(),
                   recipients=[], subject="", body=None, attachments=[], inReplyTo=None, sentAt=1, readAt=None,
                   starred=False, deleted=0, deletedBy=None, editedAt=None)
    return row


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("parley")
    options.add_argument("--count", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    dice = random.Random(given.seed)
    checked = 0
    while checked < given.count:
        rows = [make(dice) for _ in range(min(100_000, given.count - checked))]
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl") as lines:
            for row in rows:
                lines.write(json.dumps(row, ensure_ascii=dice.random() < 0.5) + "\n")
            lines.flush()
            answer = subprocess.run([given.parley, "legacy", "ids", lines.name], check=True, capture_output=True)
        answers = answer.stdout.decode().splitlines()
        if len(answers) != len(rows):
            sys.exit(f"{len(rows)} rows, {len(answers)} answers (seed {given.seed})")
        for row, line in zip(rows, answers):
            if json.loads(line) != expected(row):
                sys.exit(f"seed {given.seed}: row {json.dumps(row)}\n is {line}\n not {json.dumps(expected(row))}")
        checked += len(rows)
    print(f"{checked} legacy writes: every id is what Schemas/LEGACY.md says (seed {given.seed})")


if __name__ == "__main__":
    main()
