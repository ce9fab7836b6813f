"""The reference model: the lines of `parley log --open` in, the answers of Parley's reads out.

Written from the written rules alone, with lists and dicts, to be obviously right rather than fast. Answers are Python
objects in the shape of the product's JSON; the opaque tokens (`next`, `previous`, `token`) are left out. A read of what
is not there or not the member's gives None.
"""

import json
import sys
from types import SimpleNamespace

import personal_fold
from identity import DEFAULT_NAMESPACE, direct_conversation_id, message_id
from shared_fold import Conversation

CONVERSATION_TOPIC = "conversation-commands"
MEMBER_TOPIC = "member-commands"
UNREAD_CAP = 100
BADGE_CAP = 100
PARTICIPANTS_SHOWN = 100


def parse_position(text):
    """`topic/partition@offset` as a sortable triple."""
    topic, rest = text.rsplit("/", 1)
    partition, offset = rest.split("@")
    return topic, int(partition), int(offset)


class Model:
    def __init__(self, lines, namespace=DEFAULT_NAMESPACE):
        self.conversations = {}
        self.members = {}
        self.records = {}               # position -> record
        self.problems = []              # records whose computed ids are wrong: the log itself is broken
        self.namespace = namespace
        for line in sorted(lines, key=lambda line: parse_position(line["position"])):
            self.apply(line)

    def apply(self, line):
        record = line["record"]
        self.records[line["position"]] = record
        version = line["sourceVersion"] if line.get("origin", "native") == "legacy" else None
        if parse_position(line["position"])[0] == MEMBER_TOPIC:
            member = self.members.setdefault(record["actor"], personal_fold.Member(record["actor"]))
            member.apply(line["position"], line["appendTime"], record, version)
            return
        if version is None:
            self.check_ids(line["position"], record)
        conversation = self.conversations.setdefault(record["conversation"], Conversation(record["conversation"]))
        erased = bool(line.get("erased") or record.get("erased"))
        conversation.apply(line["position"], line["appendTime"], record, erased, version, line.get("legacyOrd"))

    def check_ids(self, position, record):
        if record["command"] not in ("send", "sendDirect"):
            return
        if record.get("message") != message_id(record["conversation"], record["actor"], record["clientToken"]):
            self.problems.append(f"{position}: message id {record.get('message')} is not the computed one")
        if record["command"] == "sendDirect":
            if record["conversation"] != direct_conversation_id(record["actor"], record["to"], self.namespace):
                self.problems.append(f"{position}: conversation id {record['conversation']} is not the computed one")

    def outcome(self, position):
        """`accepted`, `duplicate`, `orphaned` or `rejected(reason)` of a record, as it stands at the log's end."""
        record = self.records[position]
        if parse_position(position)[0] == CONVERSATION_TOPIC:
            return str(self.conversations[record["conversation"]].outcomes[position])
        outcome = self.members[record["actor"]].outcomes[position]
        if isinstance(outcome, str):
            return outcome
        return "accepted" if self.is_known(record["conversation"], outcome) else "orphaned"

    def is_known(self, conversation, command):
        """Whether the target of a read or an archive is here; an archive that is off has none."""
        if getattr(command, "on", True) is False:
            return True
        known = self.conversations.get(conversation)
        return personal_fold.resolve(command, known.messages if known else {}) is not None

    def everybody(self):
        """Every member seen anywhere in the log, by id."""
        inside = {member for conversation in self.conversations.values() for member in conversation.intervals}
        refused = {entry.get("actor") for conversation in self.conversations.values()
                   for entry, _ in conversation.rejections}
        return sorted(inside | refused | set(self.members))

    # What one member knows

    def metadata(self, conversation, member):
        known = self.members.get(member)
        return known.metadata(conversation.id) if known else personal_fold.Metadata()

    def conversation_of(self, id, member):
        conversation = self.conversations.get(id)
        if conversation is None or member not in conversation.intervals:
            return None
        return conversation

    def visible(self, conversation, member):
        return [message for message in conversation.messages_in_order() if conversation.sees(member, message.ord)]

    def read_up_to(self, conversation, member):
        """Rules 19 and 20: the marker or the own last message, whichever is greater; -1 before anything."""
        marker = self.metadata(conversation, member).marker(conversation.messages)
        own = [message.ord for message in conversation.messages.values() if message.sender == member]
        return max([-1 if marker is None else marker] + own)

    def last_activity(self, conversation, member):
        """Rule 26."""
        sends = [message.ord for message in conversation.messages.values()
                 if conversation.was_inside(member, message.ord)]
        return max(sends + [conversation.intervals[member][-1].joined])

    def is_read(self, conversation, message, member, read_up_to):
        """Rule 22: the flag of a legacy copy decides where there is one, else the marker."""
        flag = self.metadata(conversation, member).flag(message, conversation.messages, personal_fold.resolve)
        return message.ord <= read_up_to if flag is None else flag

    def unread_count(self, conversation, member):
        """Rule 25, without the cap."""
        hides = self.metadata(conversation, member).hides
        read_up_to = self.read_up_to(conversation, member)
        return len([
            message for message in conversation.messages.values()
            if message.tombstone is None and message.sender != member
            and not self.is_read(conversation, message, member, read_up_to)
            and conversation.was_inside(member, message.ord) and conversation.sees(member, message.ord)
            and not hides.is_on(message.id)])

    # Rows and messages

    def row(self, conversation, member):
        metadata = self.metadata(conversation, member)
        last_activity = self.last_activity(conversation, member)
        archived_up_to = metadata.archived_up_to(conversation.messages)
        others = [other for other in conversation.intervals if other != member]
        unread = self.unread_count(conversation, member)
        return {
            "conversation": conversation.id,
            "kind": conversation.kind,
            "with": others[0] if conversation.kind == "direct" else None,
            "title": conversation.title,
            "lastActivity": last_activity,
            "unread": min(unread, UNREAD_CAP),
            "unreadCapped": unread > UNREAD_CAP,
            "markedUnread": metadata.marked_unread(),
            "muted": metadata.muted,
            "archived": archived_up_to is not None and (archived_up_to >= last_activity or metadata.muted),
            "closed": conversation.closed,
            "history": conversation.history,
            "participantCount": len(conversation.current_participants()),
            "left": conversation.intervals[member][-1].left,
        }

    def rows(self, member):
        """Every conversation the member is or was in, newest activity first, ties by conversation id."""
        rows = [self.row(conversation, member) for conversation in self.conversations.values()
                if member in conversation.intervals]
        return sorted(rows, key=lambda row: (-row["lastActivity"], row["conversation"]))

    def message_answer(self, conversation, message, member, read_up_to):
        metadata = self.metadata(conversation, member)
        hidden = metadata.hides.is_on(message.id)
        deleted = message.tombstone is not None
        current = message.current()
        state = "erased" if current.erased else "deleted" if deleted else "hidden" if hidden else "live"
        tombstone = message.tombstone or SimpleNamespace(by=None, ord=None, reason=None)
        return {
            "conversation": conversation.id,
            "message": message.id,
            "ord": message.ord,
            "sender": message.sender,
            "sentAt": message.sent_at,
            "state": state,
            "content": current.content if state == "live" else None,
            "version": None if deleted else current.id,
            "edited": not deleted and current is not message.versions[0],
            "replyTo": message.reply_to,
            "reactions": [] if deleted else reactions_answer(message),
            "starred": metadata.stars.is_on(message.id),
            "read": self.is_read(conversation, message, member, read_up_to),
            "deletedBy": tombstone.by,
            "deletedAt": tombstone.ord,
            "deleteReason": tombstone.reason,
        }

    def messages(self, conversation, member):
        read_up_to = self.read_up_to(conversation, member)
        return [self.message_answer(conversation, message, member, read_up_to)
                for message in self.visible(conversation, member)]

    # The reads

    def export(self, member):
        lines = []
        for row in self.rows(member):
            lines.append(row)
            lines += self.messages(self.conversations[row["conversation"]], member)
        return lines

    def mailbox(self, member, archived=False, limit=None):
        rows = self.rows(member)
        calling = [row for row in rows if not row["muted"] and not row["archived"]
                   and (row["unread"] > 0 or row["markedUnread"])]
        page = [row for row in rows if row["archived"] == archived]
        return {"conversations": page[:limit], "badge": min(len(calling), BADGE_CAP)}

    def conversation(self, id, member, limit=None):
        """The newest page: the last `limit` messages, oldest first."""
        conversation = self.conversation_of(id, member)
        if conversation is None:
            return None
        messages = self.messages(conversation, member)
        return {
            "conversation": {
                "conversation": conversation.id, "kind": conversation.kind, "title": conversation.title,
                "closed": conversation.closed, "history": conversation.history,
                "participants": self.participants(id, member)[:PARTICIPANTS_SHOWN],
            },
            "messages": messages if limit is None else messages[-limit:],
        }

    def message(self, id, message, member):
        conversation = self.conversation_of(id, member)
        found = conversation and conversation.messages.get(message)
        if not found or not conversation.sees(member, found.ord):
            return None
        answer = self.message_answer(conversation, found, member, self.read_up_to(conversation, member))
        versions = found.remaining() if answer["state"] == "live" else []
        answer["versions"] = [{"id": each.id, "ord": each.ord, "content": each.content} for each in versions]
        return answer

    def unread(self, member):
        return [{name: row[name] for name in ("conversation", "unread", "unreadCapped", "markedUnread")}
                for row in self.rows(member) if row["unread"] > 0 or row["markedUnread"]]

    def stars(self, member):
        answers = [answer for conversation in self.conversations.values() if member in conversation.intervals
                   for answer in self.messages(conversation, member)]
        starred = [answer for answer in answers if answer["starred"] and answer["state"] == "live"]
        return sorted(starred, key=lambda answer: (-answer["ord"], answer["message"]))

    def receipts(self, id, member):
        conversation = self.conversation_of(id, member)
        if conversation is None:
            return None
        return [{"member": other, "readUpTo": self.metadata(conversation, other).marker(
                    conversation.messages, public_only=True)}
                for other in sorted(conversation.current_participants())]

    def rejections(self, member=None):
        found = [rejection_answer(entry, reason) for conversation in self.conversations.values()
                 for entry, reason in conversation.rejections if member in (None, entry.get("actor"))]
        return sorted(found, key=lambda answer: parse_position(answer["position"]))

    def participants(self, id, member):
        """An entry an interval, in order of joining, then member id; the office shows in the open one only."""
        conversation = self.conversation_of(id, member)
        if conversation is None:
            return None
        entries = [{"member": other, "joined": interval.joined, "left": interval.left,
                    "moderator": interval.left is None and other in conversation.moderators}
                   for other, intervals in conversation.intervals.items() for interval in intervals]
        return sorted(entries, key=lambda entry: (entry["joined"], entry["member"]))


def reactions_answer(message):
    """By reaction text, members by id; both compared as UTF-8 bytes."""
    kinds = sorted(message.kinds_on(), key=lambda reaction: reaction.encode("utf-8"))
    return [{"reaction": kind, "members": message.members_with(kind)} for kind in kinds]


def rejection_answer(entry, reason):
    return {"position": entry.position, "id": entry.get("id"), "actor": entry.get("actor"),
            "command": entry.get("command"), "conversation": entry.get("conversation"), "reason": reason,
            "ord": entry.ord}


def read_lines(file):
    """The log lines of an open binary file. Split at line feeds only: text may hold other line ends."""
    return [json.loads(line) for line in file.read().decode("utf-8").split("\n") if line.strip()]


def main(arguments):
    """Prints every record's outcome: `parley_model.py LOG.jsonl`."""
    with open(arguments[0], "rb") as file:
        lines = read_lines(file)
    model = Model(lines)
    for line in lines:
        record = line["record"]
        print(line["position"], record["command"], record["id"], model.outcome(line["position"]), sep="\t")
    for problem in model.problems:
        print(problem, file=sys.stderr)
    return 1 if model.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
