"""What both views must say, computed from the tables of the legacy mailbox alone, and every difference from what they do say.

Independent of the product: it knows Schemas/legacy.sql, Schemas/LEGACY.md and what the interface promises, nothing of how a
write becomes a command.

    model = LegacyModel(sqlite_rows("legacy.sqlite"))        # or postgres_rows(url, psql)
    seen = Seen(export_lines, badge)                         # what one owner's `parley export --json` printed
    differences(model.of(owner), seen)                       # a list of texts, empty when all is equal
    participant_differences(model, dump_lines)               # the same of `parley dump shared`
"""

import json
import os
import sqlite3
import subprocess
import uuid
from collections import defaultdict
from datetime import datetime, timedelta, timezone

NAMESPACE = uuid.UUID("9f02e5ff-bdc0-5c4f-98fc-67241590b612")
UNREAD_CAP = 100

TABLES = {
    "thread": "thread_id, subject, creator, created_at",
    "participant": "thread_id, owner, joined_at, left_at, folder",
    "message_copy": "thread_id, owner, dedup_key, sender, body, attachments, in_reply_to, sent_at, read_at, starred, deleted,"
                    " deleted_by, edited_at, source_version",
}

# What is compared of a message and of a conversation.
MESSAGE_FIELDS = [
    "state", "sender", "text", "attachments", "edited", "replyTo", "sentAt", "starred", "deletedBy", "read", "ord"]
CONVERSATION_FIELDS = [
    "kind", "title", "hasLeft", "participantCount", "closed", "muted", "markedUnread",
    "left", "archived", "lastActivity", "unread", "unreadCapped"]


def member(owner):
    """The member id of an owner's name."""
    try:
        if str(uuid.UUID(owner)) == owner:
            return owner
    except ValueError:
        pass
    return str(uuid.uuid5(NAMESPACE, "member" + owner))


def conversation(thread):
    return str(uuid.uuid5(NAMESPACE, "thread" + thread))


def message(thread, key):
    return str(uuid.uuid5(uuid.UUID(conversation(thread)), "legacy" + key))


def time_text(micros):
    """RFC 3339 with six digits, as the interface prints it."""
    time = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=micros)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def attachments(items):
    """An empty type or name is none."""
    return [(item["uri"], item.get("mediaType") or None, item.get("name") or None, item.get("bytes")) for item in items]


def sqlite_rows(path):
    """The three tables as lists of dictionaries, as they are at one moment."""
    store = sqlite3.connect(path)
    try:
        store.row_factory = sqlite3.Row
        store.execute("BEGIN")
        return {table: [dict(row) for row in store.execute(f"SELECT {columns} FROM {table}")]
                for table, columns in TABLES.items()}
    finally:
        store.close()


def postgres_rows(url, psql="psql"):
    """The same from PostgreSQL, through its own client."""
    script = "BEGIN ISOLATION LEVEL REPEATABLE READ;\n" + "".join(
        f"SELECT '{table} ' || row_to_json(found) FROM (SELECT {columns} FROM {table}) AS found;\n"
        for table, columns in TABLES.items())
    done = subprocess.run([psql, "-XAtq", "-v", "ON_ERROR_STOP=1", url], input=script, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"psql: {done.stderr}")
    rows = {table: [] for table in TABLES}
    for line in done.stdout.split("\n")[:-1]:
        table, image = line.split(" ", 1)
        rows[table].append(json.loads(image))
    return rows


class LegacyModel:
    """What every owner must see."""

    def __init__(self, rows):
        self.threads = {row["thread_id"]: row for row in rows["thread"]}
        self.participants = defaultdict(dict)
        for row in rows["participant"]:
            self.participants[row["thread_id"]][row["owner"]] = row
        # An imported mail may lie in two folders of one owner: what the owner did last counts.
        latest = {}
        for row in sorted(rows["message_copy"], key=lambda row: row["source_version"]):
            latest[row["owner"], row["thread_id"], row["dedup_key"]] = row
        self.copies = defaultdict(lambda: defaultdict(list))
        for row in latest.values():
            self.copies[row["owner"]][row["thread_id"]].append(row)

    @property
    def owners(self):
        return sorted({owner for inside in self.participants.values() for owner in inside})

    def of(self, owner):
        """Conversations by id, messages by (conversation, message), and the badge."""
        conversations, messages = {}, {}
        for thread, inside in self.participants.items():
            if owner in inside:
                conversations[conversation(thread)] = self.row(owner, thread)
        for thread, copies in self.copies[owner].items():
            for copy in copies:
                messages[conversation(thread), message(thread, copy["dedup_key"])] = self.message(copy)
        badge = sum(1 for row in conversations.values() if row["unread"] > 0 and not row["archived"])
        return {"conversations": conversations, "messages": messages, "badge": min(badge, UNREAD_CAP)}

    def row(self, owner, thread):
        own = self.participants[thread][owner]
        unread = sum(1 for copy in self.copies[owner][thread] if self.is_unread(copy))
        # Messages sent while inside: the copies of the present stay.
        while_inside = [copy["sent_at"] for copy in self.copies[owner][thread]
                        if copy["sent_at"] >= own["joined_at"]
                        and (own["left_at"] is None or copy["sent_at"] < own["left_at"])]
        return {
            "kind": "group", "title": self.threads[thread]["subject"] or None, "closed": False, "muted": False,
            "markedUnread": False, "hasLeft": own["left_at"] is not None, "left": own["left_at"],
            "participantCount": sum(1 for row in self.participants[thread].values() if row["left_at"] is None),
            "archived": own["folder"] == "archive", "lastActivity": max([own["joined_at"]] + while_inside),
            "unread": min(unread, UNREAD_CAP), "unreadCapped": unread > UNREAD_CAP,
        }

    def message(self, copy):
        state = {0: "live", 1: "hidden", 2: "deleted"}[copy["deleted"]]
        return {
            "state": state, "sender": member(copy["sender"]), "ord": copy["sent_at"], "sentAt": time_text(copy["sent_at"]),
            "text": copy["body"] if state == "live" else None,
            "attachments": attachments(json.loads(copy["attachments"])) if state == "live" else [],
            "edited": state != "deleted" and copy["edited_at"] is not None,
            "replyTo": message(copy["thread_id"], copy["in_reply_to"]) if copy["in_reply_to"] is not None else None,
            "starred": bool(copy["starred"]), "read": not self.counts_as_unread(copy),
            "deletedBy": member(copy["deleted_by"]) if state == "deleted" else None,
        }

    @staticmethod
    def counts_as_unread(copy):
        """Everybody has read what they sent."""
        return copy["read_at"] is None and copy["sender"] != copy["owner"]

    @classmethod
    def is_unread(cls, copy):
        return copy["deleted"] == 0 and cls.counts_as_unread(copy)

    def stays(self):
        """The last stay of each (conversation, member): joined and left."""
        return {(conversation(thread), member(owner)): (row["joined_at"], row["left_at"])
                for thread, inside in self.participants.items() for owner, row in inside.items()}


class Seen:
    """What the product shows one owner, in the model's terms."""

    def __init__(self, export, badge):
        """export: the lines of `parley export --json`; badge: that of `parley mailbox --json`."""
        self.conversations, self.messages, self.badge = {}, {}, badge
        # In the order in which they are shown.
        self.order = defaultdict(list)
        for line in export:
            entry = json.loads(line)
            if "message" in entry:
                place = entry["conversation"], entry["message"]
                self.order[entry["conversation"]].append(entry["message"])
                self.messages[place] = self.message(entry)
            else:
                self.conversations[entry["conversation"]] = dict(
                    entry, title=entry["title"] or None, hasLeft=entry["left"] is not None)

    @staticmethod
    def message(entry):
        content = entry["content"] or {}
        return dict(entry, text=content.get("text"), attachments=attachments(content.get("attachments", [])))


def differences(expected, seen, without=frozenset()):
    """What one owner must see and does not, a text each.

    without: conversations that are not compared."""
    found = compared(
        "conversation", expected["conversations"], seen.conversations, CONVERSATION_FIELDS, lambda key: key in without)
    found += compared("message", expected["messages"], seen.messages, MESSAGE_FIELDS, lambda key: key[0] in without)
    found += order_differences(expected, seen, without)
    if not without and expected["badge"] != seen.badge:
        found.append(f"badge: {seen.badge}, not {expected['badge']}")
    return found


def compared(what, expected, seen, fields, is_left_out):
    found = []
    for key, row in expected.items():
        if is_left_out(key):
            continue
        if key not in seen:
            found.append(f"{what} {key}: is missing")
            continue
        for field in fields:
            if seen[key][field] != row[field]:
                found.append(f"{what} {key}: {field}: {seen[key][field]!r}, not {row[field]!r}")
    for key in seen:
        # A message of which the owner has no copy must not be seen.
        if key not in expected and not is_left_out(key):
            found.append(f"{what} {key}: is not the owner's to see")
    return found


def order_differences(expected, seen, without):
    """Messages come by time, then id; conversations newest activity first, then by id."""
    found = []
    for place, order in seen.order.items():
        known = [key for key in order if (place, key) in expected["messages"]]
        if place not in without and known != sorted(known, key=lambda key: (expected["messages"][place, key]["ord"], key)):
            found.append(f"conversation {place}: order of messages")
    rows = [key for key in seen.conversations if key in expected["conversations"] and key not in without]
    if rows != sorted(rows, key=lambda key: (-expected["conversations"][key]["lastActivity"], key)):
        found.append("order of conversations")
    return found


def participant_differences(model, dump, without=frozenset()):
    """Who is in which conversation, against the lines of `parley dump shared`."""
    seen = {}
    for line in dump:
        row = json.loads(line)
        if row["table"] != "participant":
            continue
        key = row["conversation"], row["member"]
        # The last stay is what the legacy tables know.
        if key not in seen or seen[key][0] < row["joined_ord"]:
            seen[key] = row["joined_ord"], row["left_ord"]
    found = []
    expected = model.stays()
    for key in sorted(expected.keys() | seen.keys()):
        if key[0] in without:
            continue
        if key not in seen or key not in expected:
            found.append(f"participant {key}: {'is missing' if key in expected else 'is in no legacy thread'}")
            continue
        if seen[key] != expected[key]:
            found.append(f"participant {key}: joined and left: {seen[key]}, not {expected[key]}")
    return found
