"""Which records made each field what it is, found with the reference model: the model is asked after every record, and the
record after which a field's value was another one is what made it so. Of a count all since it was last nothing.

Where a send set free what had waited for its message, the model is asked again with only the first of these aimed at the
message, only the first two, and so on: the one that changed the field last made it what it is, and the send let it.
"""

import copy
import json

from parley_model import CONVERSATION_TOPIC, MEMBER_TOPIC, Model, parse_position

COUNTS = ("unread", "participantCount")
NOBODY = "00000000-0000-4000-8000-000000000000"
NOTHING = "ffffffff-ffff-ffff-ffff-ffffffffffff"
TARGETED = ("edit", "delete", "react")


def in_order(lines):
    """As the product tells them: by append time, conversations before members, then by offset."""
    return sorted(lines, key=lambda line: (line["appendTime"], parse_position(line["position"])))


def relevant(lines, conversation, member):
    """Records of the conversation, and all of the member's own."""
    return [line for line in in_order(lines)
            if (topic(line) == CONVERSATION_TOPIC and line["record"]["conversation"] == conversation)
            or (topic(line) == MEMBER_TOPIC and member is not None and line["record"]["actor"] == member)]


def told_apart(line):
    """The line with a title or an edit's content that no other one has: the same words sealed again are other bytes."""
    record = line["record"]
    if record["command"] not in ("rename", "createConversation", "edit"):
        return line
    line = copy.deepcopy(line)
    if record["command"] == "edit":
        # The copies of a legacy edit are one command: its content is told apart from others' alone.
        said = json.dumps(record["content"]) if line["origin"] == "legacy" else ""
        line["record"]["content"] = {"text": record["id"] + said}
    elif record.get("title") is not None:
        line["record"]["title"] = line["position"]
    return line


def topic(line):
    return parse_position(line["position"])[0]


# The fields of a subject, by the names that explain gives them

def message_fields(model, conversation, message, member):
    if member is None:
        room = model.conversations.get(conversation)
        found = room and room.messages.get(message)
        if not found:
            return {}
        answer = model.message_answer(room, found, NOBODY, -1)
        versions = found.remaining() if answer["state"] == "live" else []
        answer["versions"] = [{"id": each.id, "ord": each.ord} for each in versions]
        dropped = ("conversation", "message", "starred", "read")
    else:
        answer = model.message(conversation, message, member) or {}
        dropped = ("conversation", "message")
    fields = {name: value for name, value in answer.items()
              if name not in dropped and name not in ("versions", "reactions")}
    for version in answer.get("versions", []):
        fields[f"versions.{version['id']}"] = version["ord"]
    for reaction in answer.get("reactions", []):
        for each in reaction["members"]:
            fields[f"reactions.{reaction['reaction']}.{each}"] = True
    return fields


def conversation_fields(model, conversation):
    room = model.conversations.get(conversation)
    if room is None or room.kind is None:
        return {}
    fields = {"kind": room.kind, "title": room.title, "closed": room.closed, "history": room.history,
              "participantCount": len(room.current_participants()),
              "lastSend": max((message.ord for message in room.messages.values()), default=None)}
    for member, intervals in room.intervals.items():
        for place, interval in enumerate(intervals, 1):
            name = f"participants.{member}.{place}"
            fields[f"{name}.joined"] = interval.joined
            fields[f"{name}.left"] = interval.left
            fields[f"{name}.moderator"] = interval.left is None and member in room.moderators
    return fields


def mailbox_fields(model, conversation, member):
    room = model.conversations.get(conversation)
    if room is None or member not in room.intervals:
        return {}
    return {name: value for name, value in model.row(room, member).items() if name != "conversation"}


def unread_fields(model, conversation, member):
    row = mailbox_fields(model, conversation, member)
    if not row:
        return {}
    room = model.conversations[conversation]
    fields = {name: row[name] for name in ("unread", "unreadCapped", "markedUnread", "left")}
    fields["readUpTo"] = max(0, model.read_up_to(room, member))
    fields["joined"] = room.intervals[member][-1].joined
    return fields


def fields_of(subject, model):
    kind, conversation, message, member = subject
    if kind == "message":
        return message_fields(model, conversation, message, member)
    if kind == "conversation":
        return conversation_fields(model, conversation)
    if kind == "mailbox":
        return mailbox_fields(model, conversation, member)
    return unread_fields(model, conversation, member)


# Attribution

def attribution(lines, subject, until=None):
    """Field -> (value, positions of the records that made it so), with the last record at `until`, exclusive."""
    _, conversation, _, member = subject
    model = Model([])
    told = []
    known = {}
    for line in map(told_apart, relevant(lines, conversation, member)):
        if line["position"] == until:
            break
        waiting = waiting_for(model, told, line, member)
        model.apply(line)
        told.append(line)
        if line["record"]["conversation"] != conversation:
            continue
        now = fields_of(subject, model)
        for name in [*now, *(name for name in known if name not in now)]:
            take(known, name, now.get(name), lambda: causes(name, subject, told, waiting))
    return known


def take(known, name, value, made_by):
    if name not in known:
        known[name] = (value, made_by())
        return
    before, positions = known[name]
    if same(before, value):
        return
    goes_on = name in COUNTS and value not in (0, None) and before is not None
    known[name] = (value, (positions if goes_on else []) + made_by())


def same(one, other):
    return type(one) is type(other) and one == other


def waiting_for(model, told, line, member):
    """Positions of what waits for the message of this line, if it is a send that the model is about to accept."""
    record = line["record"]
    if record["command"] not in ("send", "sendDirect"):
        return []
    room = model.conversations.get(record["conversation"])
    if room is not None and record["message"] in room.messages:
        return []
    return [each["position"] for each in told if is_waiting(model, room, each, record, member)]


def is_waiting(model, room, line, record, member):
    other = line["record"]
    if other["conversation"] != record["conversation"]:
        return False
    if other["command"] in TARGETED:
        return room is not None and other["message"] == record["message"] and any(
            entry.position == line["position"] for entry in room.waiting)
    return other["command"] in ("read", "archive") and other.get("upToMessage") == record["message"] and (
        other["actor"] == member and model.outcome(line["position"]) == "orphaned")


def causes(name, subject, told, waiting):
    """The last of `told` alone, or one that had waited for it and it."""
    for count in range(len(waiting), 0, -1):
        if not same(value_with(name, subject, told, waiting[count:]), value_with(name, subject, told, waiting[count - 1:])):
            return [waiting[count - 1], told[-1]["position"]]
    return [told[-1]["position"]]


def value_with(name, subject, told, aimless):
    """The field's value when these positions are aimed at a message that nobody has."""
    lines = []
    for line in told:
        if line["position"] in aimless:
            line = copy.deepcopy(line)
            target = "message" if line["record"]["command"] in TARGETED else "upToMessage"
            line["record"][target] = NOTHING
        lines.append(line)
    return fields_of(subject, Model(lines)).get(name)
