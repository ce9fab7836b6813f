"""Personal metadata: what each record of `member-commands` does (SEMANTICS part B, rules 19 to 28).

The fold keeps what was said; targets that name a message are looked up when an answer is made. So a command waits for
its message by itself, and counts by its own member ord once the message is there. The limit of 10,000 waiting commands
a member is left out: what it drops depends on how the topics interleave.
"""

from dataclasses import dataclass, field

from legacy_fold import LegacyMarks, Registers


@dataclass
class Read:
    member_ord: int
    private: bool
    up_to: int | None
    up_to_message: str | None


@dataclass
class Archive:
    member_ord: int
    on: bool
    up_to: int | None
    up_to_message: str | None


@dataclass
class Metadata(LegacyMarks):
    """One member's own state about one conversation."""
    reads: list = field(default_factory=list)
    last_read_id: str | None = None
    marked_at: int | None = None                    # member ord
    muted: bool = False
    archives: list = field(default_factory=list)
    stars: Registers = field(default_factory=Registers)         # message id -> on
    hides: Registers = field(default_factory=Registers)
    flags: Registers = field(default_factory=Registers)         # message id -> what a legacy copy says: read or not

    def marker(self, messages, public_only=False):
        """The greatest ord read up to, None when nothing was read."""
        ords = [resolve(read, messages) for read in self.reads if not (public_only and read.private)]
        return max((ord for ord in ords if ord is not None), default=None)

    def marked_unread(self):
        if self.marked_at is None:
            return False
        return not any(read.member_ord > self.marked_at for read in self.reads)

    def archived_up_to(self, messages):
        """The ord of the latest archive whose target is known, None when that one is off or there is none."""
        known = [(archive.member_ord, resolve(archive, messages) if archive.on else -1) for archive in self.archives
                 if not archive.on or resolve(archive, messages) is not None]
        return None if not known or max(known)[1] < 0 else max(known)[1]


def resolve(command, messages):
    if command.up_to is not None:
        return command.up_to
    message = messages.get(command.up_to_message)
    return None if message is None else message.ord


class Member:
    def __init__(self, id):
        self.id = id
        self.last_ord = None
        self.judged = set()             # ids of everything but reads
        self.conversations = {}         # conversation id -> Metadata
        self.outcomes = {}              # position -> the Read or Archive, else "accepted" or "duplicate"

    def metadata(self, conversation):
        return self.conversations.get(conversation) or Metadata()

    def knows(self, id):
        """Of reads only the last one judged in each conversation is remembered."""
        return id in self.judged or any(metadata.last_read_id == id for metadata in self.conversations.values())

    def apply(self, position, append_time, record, version=None):
        ord = append_time if self.last_ord is None else max(append_time, self.last_ord + 1)
        self.last_ord = ord
        if self.knows(record["id"]):
            self.outcomes[position] = "duplicate"
            return
        metadata = self.conversations.setdefault(record["conversation"], Metadata())
        if record["command"] == "read":
            metadata.last_read_id = record["id"]
        else:
            self.judged.add(record["id"])
        at = ord if version is None else version
        self.outcomes[position] = COMMANDS[record["command"]](metadata, at, record) or "accepted"


def read(metadata, ord, record):
    metadata.reads.append(Read(ord, bool(record.get("private")), record.get("upTo"), record.get("upToMessage")))
    return metadata.reads[-1]


def mark_unread(metadata, ord, record):
    metadata.marked_at = ord


def star(metadata, ord, record):
    metadata.stars.say(record["message"], ord, record["on"])


def hide(metadata, ord, record):
    metadata.hides.say(record["message"], ord, record["on"])


def mute(metadata, ord, record):
    metadata.muted = record["on"]


def archive(metadata, ord, record):
    metadata.archives.append(Archive(ord, record["on"], record.get("upTo"), record.get("upToMessage")))
    return metadata.archives[-1]


def copy_state(metadata, ord, record):
    metadata.copy_state(ord, record)


COMMANDS = {"read": read, "markUnread": mark_unread, "star": star, "hide": hide, "mute": mute, "archive": archive,
            "copyState": copy_state}
