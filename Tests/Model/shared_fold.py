"""Shared content: what each record of `conversation-commands` does (SEMANTICS part A, rules 1 to 18).

Every judging function adds all the reasons that hold to a set; the one reported is the first in REASONS. Sealed sizes
(`tooLarge`) cannot be seen from outside and are judged at admission; the model leaves them out.
"""

from dataclasses import dataclass, field

from identity import canonical
from legacy_fold import LegacyRules

REASONS = ["exists", "duplicateConflict", "tooLarge", "notParticipant", "notAllowed", "closed", "deleted", "notFound",
           "lastVersion", "versionConflict", "tooMany"]
WAITING_LIMIT = 10_000
PARTICIPANT_LIMIT = 5_000
REACTION_KIND_LIMIT = 32

ACCEPTED, DUPLICATE, ORPHANED = "accepted", "duplicate", "orphaned"


@dataclass
class Outcome:
    kind: str
    reason: str | None = None

    def __str__(self):
        return f"rejected({self.reason})" if self.reason else self.kind


def rejected_or_none(reasons: set) -> Outcome | None:
    return Outcome("rejected", min(reasons, key=REASONS.index)) if reasons else None


@dataclass
class Entry:
    """A record of the conversation topic with its place."""
    position: str
    ord: int
    record: dict
    erased: bool
    was_participant: bool = False
    was_moderator: bool = False
    version: int | None = None              # of a legacy record its source version
    legacy_ord: int | None = None

    def get(self, name):
        return self.record.get(name)

    @property
    def message_ord(self):
        """Of a message or an edit: a legacy one has the time it had there."""
        return self.ord if self.legacy_ord is None else self.legacy_ord

    @property
    def register_ord(self):
        """By which a register compares it."""
        return self.ord if self.version is None else self.version


@dataclass
class Interval:
    joined: int
    left: int | None = None

    def holds(self, ord):
        return self.joined <= ord and (self.left is None or ord < self.left)


@dataclass
class Version:
    id: str
    ord: int
    content: dict | None
    erased: bool
    withdrawn: bool = False
    source_version: int | None = None


@dataclass
class Tombstone:
    by: str
    ord: int
    reason: str | None

    def place(self):
        return self.ord, self.by, (self.reason or "").encode()


@dataclass
class Message:
    id: str
    sender: str
    ord: int
    sent_at: str | None
    reply_to: str | None
    payload: str
    versions: list            # the original first, then the edits by ord
    tombstone: Tombstone | None = None
    reactions: dict = field(default_factory=dict)       # (member, reaction) -> on
    source_version: int | None = None                   # of the legacy copy that gave the original
    disputed: bool = False

    def add(self, version):
        """The original is always the oldest; edits of one microsecond are ordered by their ids."""
        self.versions[1:] = sorted(self.versions[1:] + [version], key=lambda each: (each.ord, each.id))

    def replace_original(self, version, payload, entry):
        version.withdrawn = self.versions[0].withdrawn
        self.versions[0] = version
        self.payload, self.reply_to, self.sent_at = payload, entry.get("replyTo"), entry.get("sentAt")

    def remaining(self):
        return [version for version in self.versions if not version.withdrawn]

    def current(self):
        return self.remaining()[-1]

    def kinds_on(self):
        return {reaction for (member, reaction), on in self.reactions.items() if on}

    def members_with(self, kind):
        return sorted(member for (member, reaction), on in self.reactions.items() if on and reaction == kind)


class Conversation(LegacyRules):
    def __init__(self, id):
        self.id = id
        self.kind = None                # None until it exists, then "group" or "direct"
        self.history = None
        self.title = None
        self.title_place = (-1, "")     # ord, of a legacy title its source version, and command id
        self.founder = None             # who made it in the legacy system
        self.closed = False
        self.intervals = {}             # member -> [Interval], oldest first
        self.moderators = set()
        self.messages = {}              # message id -> Message
        self.waiting = []               # [Entry], in order of position
        self.judged = set()             # command ids
        self.last_ord = None
        self.outcomes = {}              # position -> Outcome, an orphan's is replaced when it is judged
        self.rejections = []            # [(Entry, reason)]

    # Membership

    def is_inside(self, member):
        intervals = self.intervals.get(member, [])
        return bool(intervals) and intervals[-1].left is None

    def current_participants(self):
        return [member for member in self.intervals if self.is_inside(member)]

    def join(self, member, ord):
        if not self.is_inside(member):
            self.intervals.setdefault(member, []).append(Interval(ord))

    def leave(self, member, ord):
        if self.is_inside(member):
            self.intervals[member][-1].left = ord
            self.moderators.discard(member)

    # One record

    def apply(self, position, append_time, record, erased=False, version=None, legacy_ord=None):
        """Gives the record its ord, judges it and, when it is an accepted send, whatever waited for it."""
        ord = append_time if self.last_ord is None else max(append_time, self.last_ord + 1)
        self.last_ord = ord
        entry = Entry(position, ord, record, erased, version=version, legacy_ord=legacy_ord)
        if record["id"] in self.judged:
            self.outcomes[position] = Outcome(DUPLICATE)
            if version is not None:
                self.merge_copy(entry)
            return
        self.judged.add(record["id"])
        entry.was_participant = self.is_inside(record["actor"])
        entry.was_moderator = record["actor"] in self.moderators
        self.note(entry, self.judge(entry) if version is None else self.judge_legacy(entry) or Outcome(ACCEPTED))
        message = record.get("message")
        if record["command"] in ("send", "sendDirect") and self.outcomes[position].kind == ACCEPTED:
            self.judge_waiting(message)

    def note(self, entry, outcome):
        self.outcomes[entry.position] = outcome
        if outcome.reason:
            self.rejections.append((entry, outcome.reason))

    def judge(self, entry):
        command = entry.get("command")
        if self.kind is None and command not in ("createConversation", "sendDirect"):
            return Outcome("rejected", "notParticipant")
        if command in ("edit", "delete", "react"):
            if entry.get("message") not in self.messages:
                return self.wait(entry)
            return self.judge_on_message(entry)
        return JUDGES[command](self, entry) or Outcome(ACCEPTED)

    def wait(self, entry):
        if len(self.waiting) >= WAITING_LIMIT:
            return Outcome("rejected", "tooMany")
        self.waiting.append(entry)
        return Outcome(ORPHANED)

    def judge_waiting(self, message):
        due = [entry for entry in self.waiting if entry.get("message") == message]
        self.waiting = [entry for entry in self.waiting if entry.get("message") != message]
        for entry in due:
            if entry.version is None:
                self.note(entry, self.judge_on_message(entry))
            else:
                self.judge_legacy_on_message(entry, self.messages[message])
                self.note(entry, Outcome(ACCEPTED))

    def judge_on_message(self, entry):
        message = self.messages[entry.get("message")]
        if entry.get("command") == "edit":
            outcome = self.edit(entry, message)
        elif entry.get("command") == "react":
            outcome = self.react(entry, message)
        elif entry.get("version") is None:
            outcome = self.delete(entry, message)
        else:
            outcome = self.withdraw(entry, message)
        return outcome or Outcome(ACCEPTED)

    # Conversations and sends

    def create(self, entry):
        if self.kind is not None:
            return Outcome("rejected", "exists")
        members = [entry.get("actor")] + (entry.get("participants") or [])
        if len(set(members)) > PARTICIPANT_LIMIT:
            return Outcome("rejected", "tooMany")
        self.kind = "group"
        self.history = entry.get("history") or "fromJoin"
        self.set_title(entry)
        for member in members:
            self.join(member, entry.ord)
        self.moderators.add(entry.get("actor"))

    def send(self, entry):
        known = self.messages.get(entry.get("message"))
        if known is not None:
            same = known.payload == payload_of(entry.record)
            return Outcome(DUPLICATE) if same else Outcome("rejected", "duplicateConflict")
        reasons = set()
        if not entry.was_participant:
            reasons.add("notParticipant")
        if self.closed:
            reasons.add("closed")
        if not reasons:
            self.add_message(entry)
        return rejected_or_none(reasons)

    def send_direct(self, entry):
        if self.kind is None:
            self.kind = "direct"
            self.history = "fromJoin"
            for member in (entry.get("actor"), entry.get("to")):
                self.join(member, entry.ord)
            entry.was_participant = True
        elif self.kind == "group" and entry.get("message") not in self.messages:
            return Outcome("rejected", "notParticipant")
        return self.send(entry)

    def add_message(self, entry):
        self.messages[entry.get("message")] = Message(
            id=entry.get("message"), sender=entry.get("actor"), ord=entry.message_ord, sent_at=entry.get("sentAt"),
            reply_to=entry.get("replyTo"), payload=payload_of(entry.record), versions=[self.version_of(entry)],
            source_version=entry.version)

    def version_of(self, entry):
        return Version(entry.get("id"), entry.message_ord, entry.get("content"), entry.erased,
                       source_version=entry.version)

    def tombstone(self, entry):
        return Tombstone(entry.get("actor"), entry.register_ord, entry.get("reason"))

    def set_title(self, entry):
        """Rule 15: the latest, whichever comes first; of two of one microsecond that of the greater command id."""
        place = entry.register_ord, entry.get("id")
        if place > self.title_place:
            self.title, self.title_place = entry.get("title"), place

    # What the legacy rules need of here

    interval = staticmethod(Interval)

    @staticmethod
    def payload(entry):
        return payload_of(entry.record)

    @staticmethod
    def duplicate():
        return Outcome(DUPLICATE)

    # On a message that is here; participation and moderator right are those at the record's own ord

    def edit(self, entry, message):
        reasons = set()
        if not entry.was_participant:
            reasons.add("notParticipant")
        if entry.get("actor") != message.sender:
            reasons.add("notAllowed")
        if message.tombstone:
            reasons.add("deleted")
        expected = entry.get("expectedVersion")
        if expected is not None and expected != message.current().id:
            reasons.add("versionConflict")
        if not reasons:
            message.add(self.version_of(entry))
        return rejected_or_none(reasons)

    def may_delete(self, entry, message):
        return entry.get("actor") == message.sender or entry.was_moderator

    def delete(self, entry, message):
        if not self.may_delete(entry, message):
            return Outcome("rejected", "notAllowed")
        self.bury(entry, message)

    def withdraw(self, entry, message):
        if not self.may_delete(entry, message):
            return Outcome("rejected", "notAllowed")
        if message.tombstone:
            return None
        named = [version for version in message.versions if version.id == entry.get("version")]
        if not named:
            return Outcome("rejected", "notFound")
        if named[0].withdrawn:
            return None
        if len(message.remaining()) == 1:
            return Outcome("rejected", "lastVersion")
        named[0].withdrawn = True

    def react(self, entry, message):
        if not entry.was_participant:
            return Outcome("rejected", "notParticipant")
        if message.tombstone:
            return None
        kinds = message.kinds_on()
        reaction = entry.get("reaction")
        if entry.get("on") and reaction not in kinds and len(kinds) >= REACTION_KIND_LIMIT:
            return Outcome("rejected", "tooMany")
        message.reactions[(entry.get("actor"), reaction)] = entry.get("on")

    # Membership, title, closing

    def add_participants(self, entry):
        reasons = self.reasons_against(entry)
        joining = {member for member in entry.get("members") if not self.is_inside(member)}
        if joining and len(self.current_participants()) + len(joining) > PARTICIPANT_LIMIT:
            reasons.add("tooMany")
        if not reasons:
            for member in sorted(joining):
                self.join(member, entry.ord)
        return rejected_or_none(reasons)

    def remove_participant(self, entry):
        leaving = entry.get("member") == entry.get("actor")
        if leaving:
            reasons = {"notAllowed"} if self.kind == "direct" else set()
        else:
            reasons = self.reasons_against(entry, moderators_only=True)
        if not reasons:
            self.leave(entry.get("member"), entry.ord)
        return rejected_or_none(reasons)

    def set_moderator(self, entry):
        reasons = self.reasons_against(entry, moderators_only=True)
        if not self.is_inside(entry.get("member")):
            reasons.add("notParticipant")
        if not reasons and entry.get("on"):
            self.moderators.add(entry.get("member"))
        elif not reasons:
            self.moderators.discard(entry.get("member"))
        return rejected_or_none(reasons)

    def rename(self, entry):
        reasons = self.reasons_against(entry)
        if not reasons:
            self.set_title(entry)
        return rejected_or_none(reasons)

    def close(self, entry):
        reasons = self.reasons_against(entry, moderators_only=True)
        if not reasons:
            self.closed = entry.get("on")
        return rejected_or_none(reasons)

    def reasons_against(self, entry, moderators_only=False):
        reasons = set()
        if not entry.was_participant:
            reasons.add("notParticipant")
        if self.kind == "direct" or (moderators_only and not entry.was_moderator):
            reasons.add("notAllowed")
        return reasons

    # Who sees what

    def sees(self, member, ord):
        """Rules 13 and 14: `fromJoin` shows one's own intervals, `all` everything before one left."""
        intervals = self.intervals.get(member, [])
        if not intervals:
            return False
        if self.history == "all":
            left = intervals[-1].left
            return left is None or ord < left
        return self.was_inside(member, ord)

    def was_inside(self, member, ord):
        return any(interval.holds(ord) for interval in self.intervals.get(member, []))

    def messages_in_order(self):
        return sorted(self.messages.values(), key=lambda message: (message.ord, message.id))


JUDGES = {
    "createConversation": Conversation.create, "send": Conversation.send, "sendDirect": Conversation.send_direct,
    "addParticipants": Conversation.add_participants, "removeParticipant": Conversation.remove_participant,
    "setModerator": Conversation.set_moderator, "rename": Conversation.rename, "close": Conversation.close,
}


def payload_of(record):
    """What the sealed digest covers: content and `replyTo`."""
    return canonical({"content": record.get("content"), "replyTo": record.get("replyTo")})
