"""What a legacy system says (SEMANTICS part D, rules 22 and 35 to 39): it has judged already, so nothing is refused, and
everything merges by source versions, whichever comes first.

`Schemas/LEGACY.md`, "What a write becomes", says which register is decided by what.
"""

PLACEHOLDER = 0         # the version of a copy that does not know what was sent at first


class LegacyRules:
    """What legacy records do to a conversation; a part of `shared_fold.Conversation`."""

    def judge_legacy(self, entry):
        """Rule 35: no right is asked for, and a thread whose own row is not here yet is a group."""
        if self.kind is None:
            self.kind, self.history = "group", "fromJoin"
        command = entry.get("command")
        if command in ("edit", "delete"):
            message = self.messages.get(entry.get("message"))
            return self.wait(entry) if message is None else self.judge_legacy_on_message(entry, message)
        return {"createConversation": self.legacy_thread, "rename": self.legacy_thread, "stay": self.stay,
                "send": self.legacy_send}[command](entry)

    def judge_legacy_on_message(self, entry, message):
        if entry.get("command") == "edit":
            message.add(self.version_of(entry))
        else:
            self.bury(entry, message)

    def merge_copy(self, entry):
        """One more record of a command that was judged: the copies of a message share their commands."""
        message = self.messages.get(entry.get("message"))
        if message is None:
            return
        if entry.get("command") == "send" and message.source_version is not None:
            self.merge_original(entry, message)
        elif entry.get("command") == "edit":
            self.merge_edit(entry, message)
        elif entry.get("command") == "delete":
            self.bury(entry, message)

    # Threads

    def legacy_thread(self, entry):
        if entry.get("title") is not None:
            self.set_title(entry)
        if self.founder is None:
            self.founder = entry.get("actor")
            if self.is_inside(self.founder):
                self.moderators.add(self.founder)

    def stay(self, entry):
        """Each interval began when it was stated to, and ended at the earliest of its stated endings and the next beginning."""
        member, joined, left = entry.get("member"), entry.get("joined"), entry.get("left")
        before = self.open_since(member)
        ends = {interval.joined: interval.left for interval in self.intervals.get(member, [])}
        stated = [end for end in (ends.get(joined), left) if end is not None]
        ends[joined] = max(joined, min(stated)) if stated else None
        begins = sorted(ends)
        for begin, following in zip(begins, begins[1:]):
            ends[begin] = following if ends[begin] is None else min(ends[begin], following)
        self.intervals[member] = [self.interval(begin, ends[begin]) for begin in begins]
        if self.open_since(member) != before:
            self.moderators.discard(member)
            if self.is_inside(member) and member == self.founder:
                self.moderators.add(member)

    def open_since(self, member):
        return self.intervals[member][-1].joined if self.is_inside(member) else None

    # Messages

    def legacy_send(self, entry):
        message = self.messages.get(entry.get("message"))
        if message is not None:
            self.merge_original(entry, message)
            return self.duplicate()
        self.add_message(entry)

    def merge_original(self, entry, message):
        """Rules 36 and 37: what was sent is what the copy with the highest version says; place and sender stay."""
        stored, version = message.source_version, entry.version
        elsewhere = entry.message_ord != message.ord or entry.get("actor") != message.sender
        differs = self.payload(entry) != message.payload
        if not elsewhere and version > stored:
            message.source_version = version
            if differs:
                message.replace_original(self.version_of(entry), self.payload(entry), entry)
        if elsewhere or differs and min(version, stored) > PLACEHOLDER:
            self.dispute(entry, message)

    def merge_edit(self, entry, message):
        known = [version for version in message.versions[1:] if version.id == entry.get("id")]
        if not known:
            return
        differs = known[0].content != entry.get("content")
        if entry.version > known[0].source_version:
            known[0].source_version = entry.version
            if differs:
                known[0].content = entry.get("content")
        if differs:
            self.dispute(entry, message)

    def dispute(self, entry, message):
        """Copies that disagree are told of once a message."""
        if not message.disputed:
            message.disputed = True
            self.rejections.append((entry, "versionConflict"))

    def bury(self, entry, message):
        """Rules 9 and 38: one tombstone, the earliest."""
        found = self.tombstone(entry)
        if message.tombstone is None or found.place() < message.tombstone.place():
            message.tombstone = found


class LegacyMarks:
    """What legacy copies say of their owners; a part of `personal_fold.Metadata`."""

    def copy_state(self, version, record):
        message = record["message"]
        self.stars.say(message, version, record["starred"])
        self.hides.say(message, version, record["hidden"])
        if record["read"] is not None:
            self.flags.say(message, version, record["read"])

    def flag(self, message, messages, resolve):
        """Rule 22: a copy's own flag decides until a read with a greater member ord reaches the message; `None`: no flag does."""
        at, is_read = self.flags.last(message.id)
        if at is None:
            return None
        for read in self.reads:
            reached = resolve(read, messages)
            if read.member_ord > at and reached is not None and reached >= message.ord:
                return None
        return is_read


class Registers:
    """Values by key, each the latest that was said; of two said at once that which is on."""

    def __init__(self):
        self.said = {}

    def say(self, key, at, value):
        self.said[key] = max(self.said.get(key, (at, value)), (at, value))

    def last(self, key):
        return self.said.get(key, (None, False))

    def is_on(self, key):
        return self.last(key)[1]
