"""What a legacy system writes about some threads, among commands of Parley's own in the conversations they become: rows as
the reference store has them, in order and out of order, once and twice, late uploads, copies that disagree.

A history is made part by part, so that its two sides happen between one another: `part()` gives lines for `parley legacy
append` and for `parley append`. Both sides take the machine's time: nothing is ahead of the log's clock.
"""

import json
import random
import time
import uuid

from identity import DEFAULT_NAMESPACE, uuid5

OWNERS = [str(uuid.UUID(int=0xB0 + number)) for number in range(5)]
OUTSIDERS = [str(uuid.UUID(int=0xBA0 + number)) for number in range(2)]
ACTIONS = ["send"] * 5 + ["edit"] * 3 + ["delete", "hide", "read", "read", "unread", "star", "rename", "add", "remove",
                                         "archive", "inbox"]
COMMANDS = ["send"] * 3 + ["edit", "edit", "delete", "react", "read", "read", "readMessage", "star", "hide", "mute",
                           "archive", "archiveMessage", "markUnread", "rename", "close", "add", "remove", "moderator"]


class Thread:
    """The rows of one thread."""

    def __init__(self, name):
        self.name = name
        self.conversation = uuid5(DEFAULT_NAMESPACE, b"thread" + name.encode())
        self.row = None
        self.participants = {}          # owner -> row
        self.copies = {}                # (key, owner) -> row
        self.version = 0

    def message(self, key):
        return uuid5(self.conversation, b"legacy" + key.encode())

    def inside(self):
        return [owner for owner, row in self.participants.items() if row["leftAt"] is None]

    def keys(self):
        return sorted({key for key, _ in self.copies})

    def copies_of(self, key):
        return [row for (other, _), row in self.copies.items() if other == key]


class MixedHistory:
    def __init__(self, seed, threads=2):
        self.dice = random.Random(seed)
        self.threads = [Thread(f"thread {seed} {number}") for number in range(threads)]
        self.known = []                 # every write so far, for uploads and copies
        self.ids = 0

    def part(self, writes, commands):
        """Lines for `legacy append` and for `append`."""
        return self.legacy(writes), self.native(commands)

    # The legacy system

    def legacy(self, count):
        dice, writes = self.dice, []
        for thread in self.threads:
            if thread.row is None:
                self.begin(thread, writes)
        for _ in range(count):
            self.act(dice.choice(self.threads), dice.choice(ACTIONS), writes)
        self.known += writes
        if dice.random() < 0.5:
            dice.shuffle(writes)
        again = [dice.choice(self.known) for _ in range(len(writes) // 6)]
        # An upload: the row as it was, with the version it had then.
        writes += [{**write, "operation": "snapshot"} if dice.random() < 0.5 else write for write in again]
        return [json.dumps({"key": write["thread"], "value": json.dumps(write)}) for write in writes]

    def write(self, thread, kind, operation, row, writes):
        thread.version = max(thread.version + 1, time.time_ns() // 1_000)
        writes.append({"format": 1, "operation": operation, "sourceVersion": thread.version, "row": kind,
                       "thread": thread.name, **row})

    def begin(self, thread, writes):
        thread.row = {"subject": "first title", "creator": OWNERS[0], "createdAt": time.time_ns() // 1_000}
        self.write(thread, "thread", "insert", thread.row, writes)
        for owner in OWNERS[:3]:
            self.put_in(thread, owner, writes)

    def put_in(self, thread, owner, writes):
        known = owner in thread.participants
        thread.participants[owner] = {
            "owner": owner, "joinedAt": max(thread.version + 1, time.time_ns() // 1_000), "leftAt": None, "folder": "inbox"}
        self.write(thread, "participant", "update" if known else "insert", thread.participants[owner], writes)

    def act(self, thread, action, writes):
        dice, keys = self.dice, thread.keys()
        if action == "send":
            return self.send(thread, writes)
        if action == "rename":
            thread.row["subject"] = f"title {dice.randrange(9)}"
            return self.write(thread, "thread", "update", thread.row, writes)
        if action == "add":
            owner = dice.choice(OWNERS)
            return self.put_in(thread, owner, writes) if owner not in thread.inside() else None
        if action in ("remove", "archive", "inbox"):
            return self.move(thread, action, writes)
        if keys:
            self.change(thread, dice.choice(keys), action, writes)

    def send(self, thread, writes):
        dice, inside = self.dice, thread.inside()
        if not inside:
            return
        key, sender = f"key {len(thread.keys())}", dice.choice(inside)
        sent_at = max(1, time.time_ns() // 1_000 - dice.choice([0, 0, 1, 1_000, 500_000]))
        keys = thread.keys()
        for owner in inside:
            row = {"owner": owner, "copy": str(uuid.UUID(int=dice.getrandbits(128))), "dedupKey": key, "folder": "inbox",
                   "sender": sender, "recipients": inside, "subject": "s",
                   "body": f"text {key}" if dice.random() < 0.95 else f"other text {owner}", "attachments": [],
                   "inReplyTo": keys[0] if keys and len(keys) % 3 == 0 else None, "sentAt": sent_at,
                   "readAt": sent_at if owner == sender else None, "starred": False, "deleted": 0, "deletedBy": None,
                   "editedAt": None}
            thread.copies[key, owner] = row
            self.write(thread, "copy", "insert", row, writes)

    def move(self, thread, action, writes):
        owner = self.dice.choice(sorted(thread.participants))
        row = thread.participants[owner]
        if action == "remove":
            if row["leftAt"] is not None:
                return
            row["leftAt"] = max(thread.version + 1, time.time_ns() // 1_000)
        else:
            row["folder"] = action
        self.write(thread, "participant", "update", row, writes)

    def change(self, thread, key, action, writes):
        dice, copies = self.dice, thread.copies_of(key)
        now = max(thread.version + 1, time.time_ns() // 1_000)
        if action in ("edit", "delete"):
            if copies[0]["deleted"] == 2:
                return
            text = f"edited {dice.randrange(1_000)}"
            for row in copies:
                if action == "edit":
                    row.update(body=text if dice.random() < 0.95 else f"{text}, or not", editedAt=now)
                else:
                    row.update(body=None, deleted=2, deletedBy=row["sender"])
        else:
            row = dice.choice(copies)
            copies = [row]
            if action == "hide" and row["deleted"] == 0:
                row["deleted"] = 1
            elif action == "star":
                row["starred"] = not row["starred"]
            elif action in ("read", "unread") and row["owner"] != row["sender"]:
                row["readAt"] = now if action == "read" else None
            else:
                return
        for row in copies:
            self.write(thread, "copy", "update", row, writes)

    # Parley's own

    def native(self, count):
        return [json.dumps(line) for line in (self.command(self.dice.choice(self.threads)) for _ in range(count)) if line]

    def command(self, thread):
        dice, kind = self.dice, self.dice.choice(COMMANDS)
        actor = dice.choice(OWNERS * 3 + OUTSIDERS)
        keys = thread.keys() + [f"key {len(thread.keys()) + 1}"]
        key = dice.choice(keys)
        message = thread.message(key)
        rows = thread.copies_of(key)
        self.ids += 1
        line = {"id": str(uuid.UUID(int=(0x1D << 100) + dice.getrandbits(64))), "actor": actor,
                "conversation": thread.conversation}
        sender = rows[0]["sender"] if rows and dice.random() < 0.8 else actor
        up_to = time.time_ns() // 1_000 - dice.choice([0, 1_000, 300_000, 2_000_000])
        fields = {
            "send": {"command": "send", "content": {"text": f"native {self.ids}"}},
            "edit": {"command": "edit", "actor": sender, "message": message, "content": {"text": f"edit {self.ids}"}},
            "delete": {"command": "delete", "actor": sender, "message": message},
            "react": {"command": "react", "message": message, "reaction": dice.choice("+-"), "on": dice.random() < 0.7},
            "read": {"command": "read", "upTo": up_to, "private": dice.random() < 0.3},
            "readMessage": {"command": "read", "upToMessage": message},
            "star": {"command": "star", "message": message, "on": dice.random() < 0.6},
            "hide": {"command": "hide", "message": message, "on": dice.random() < 0.6},
            "mute": {"command": "mute", "on": dice.random() < 0.5},
            "archive": {"command": "archive", "on": True, "upTo": up_to} if dice.random() < 0.7 else {
                "command": "archive", "on": False},
            "archiveMessage": {"command": "archive", "on": True, "upToMessage": message},
            "markUnread": {"command": "markUnread"},
            "rename": {"command": "rename", "title": f"native title {self.ids}"},
            "close": {"command": "close", "actor": OWNERS[0], "on": dice.random() < 0.3},
            "add": {"command": "addParticipants", "members": [dice.choice(OUTSIDERS + OWNERS)]},
            "remove": {"command": "removeParticipant", "actor": dice.choice([OWNERS[0], actor]), "member": actor},
            "moderator": {"command": "setModerator", "actor": OWNERS[0], "member": actor, "on": dice.random() < 0.6},
        }
        return {**line, **fields[kind]}
