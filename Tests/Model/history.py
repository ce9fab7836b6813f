"""Builds log lines by hand, for the model's own tests: one partition a topic, one millisecond a record."""

import uuid

from identity import direct_conversation_id, message_id

ANN, BOB, CAT, DAN, EVE = [str(uuid.UUID(int=0xA0 + number)) for number in range(5)]
ROOM = str(uuid.UUID(int=0xC0))
PERSONAL = {"read", "markUnread", "star", "hide", "mute", "archive", "copyState"}


class History:
    def __init__(self, *members, room=ROOM, **fields):
        """With members: the first of them creates a group of all."""
        self.lines = []
        self.time = 1_000_000
        self.ids = 0
        self.room = room
        if members:
            self.add("createConversation", members[0], participants=list(members[1:]), **fields)

    def add(self, command, actor, id=None, at=None, **fields):
        """Appends a record; gives the line back. `at` is the append time."""
        self.time = self.time + 1_000 if at is None else at
        if id is None:
            self.ids += 1
            id = str(uuid.UUID(int=0x1D0000 + self.ids))
        record = {"id": id, "command": command, "actor": actor, "conversation": self.room, **fields}
        topic = "member-commands" if command in PERSONAL else "conversation-commands"
        offset = len([line for line in self.lines if line["position"].startswith(topic)])
        line = {"position": f"{topic}/0@{offset}", "appendTime": self.time, "origin": "native", "verdicts": [],
                "record": record}
        self.lines.append(line)
        return line

    def legacy(self, command, actor, version, ord=None, **fields):
        """Appends what a legacy system says, with its source version; of a message or an edit with its time there."""
        line = self.add(command, actor, **fields)
        line.update(origin="legacy", sourceVersion=version, **({} if ord is None else {"legacyOrd": ord}))
        return line

    def send(self, actor, text="hello", token=None, reply_to=None, **fields):
        token = token or f"token {len(self.lines)}"
        return self.add("send", actor, clientToken=token, message=message_id(self.room, actor, token),
                        content={"text": text}, replyTo=reply_to, **fields)

    def send_direct(self, actor, to, text="hello", token=None, conversation=None):
        token = token or f"token {len(self.lines)}"
        conversation = conversation or direct_conversation_id(actor, to)
        line = self.add("sendDirect", actor, to=to, clientToken=token, content={"text": text},
                        message=message_id(conversation, actor, token))
        line["record"]["conversation"] = conversation
        return line

    def edit(self, actor, message, text, **fields):
        return self.add("edit", actor, message=message, content={"text": text}, **fields)

    def delete(self, actor, message, **fields):
        return self.add("delete", actor, message=message, **fields)

    def react(self, actor, message, reaction="+1", on=True, **fields):
        return self.add("react", actor, message=message, reaction=reaction, on=on, **fields)

    def join(self, actor, *members, **fields):
        return self.add("addParticipants", actor, members=list(members), **fields)

    def remove(self, actor, member, **fields):
        return self.add("removeParticipant", actor, member=member, **fields)

    def moderator(self, actor, member, on=True):
        return self.add("setModerator", actor, member=member, on=on)

    def copy(self, line):
        """The same record once more."""
        fields = {name: value for name, value in line["record"].items() if name not in ("conversation",)}
        copy = self.add(**fields)
        copy["record"]["conversation"] = line["record"]["conversation"]
        return copy
