"""Prints a random history as lines for `parley append`: every command, legal and illegal, the same for the same seed.

Usage: random_history.py --seed N --commands N --members N [--conversations N]
       random_history.py --seed N --commands N --second-pass LOG.jsonl

The second form goes on from a `parley log --open` dump and knows what only the log can tell: real ords to read and
archive up to, the ids of the versions, who really is inside. Every line is one the admission takes; what is illegal in
it, the fold must find.
"""

import argparse
import json
import random
import sys

from identity import DEFAULT_NAMESPACE, direct_conversation_id, message_id, uuid5
from parley_model import Model, read_lines
from random_world import FIRST_MILLISECOND, REACTIONS, TITLES, Place, Sent, World


class RandomHistory:
    def __init__(self, rng, world, conversations):
        self.rng = rng
        self.world = world
        self.conversations = conversations
        self.lines = []
        self.ords = {}                  # known from a log: conversation id -> ords of its messages
        self.closed = {}

    def emit(self, command, actor, **fields):
        """Adds a line; sometimes under the id of an earlier one, reads apart: of their ids only the last is kept."""
        id = self.world.id()
        if self.lines and self.rng.random() < 0.01:
            other = self.rng.choice(self.lines)
            id = id if "read" in (command, other["command"]) else other["id"]
        line = {"id": id, "command": command, "actor": actor, **fields}
        self.lines.append({name: value for name, value in line.items() if value is not None})
        return id

    def step(self):
        groups = len(self.world.of_kind("group"))
        if groups == 0 or (groups < self.conversations and self.rng.random() < 0.03):
            return self.create_conversation(None)
        if self.lines and self.rng.random() < 0.03:
            return self.copy()
        commands, weights = zip(*WEIGHTS)
        self.rng.choices(commands, weights)[0](self, self.world.place())

    def copy(self):
        """An earlier line once more, word for word: from nearby or from far."""
        near = self.rng.random() < 0.6
        self.lines.append(self.rng.choice(self.lines[-8:] if near else self.lines))

    # Conversations and their members

    def create_conversation(self, place):
        rng, world = self.rng, self.world
        if place is not None:
            if rng.random() < 0.5:      # where one is, or by who is not there
                actor = world.actor(place)
                self.emit("createConversation", actor, conversation=place.id, participants=[actor], title="again")
                return
            if len(world.of_kind("group")) >= self.conversations:
                return
        actor = rng.choice(world.members)
        most = max(1, len(world.members) * 2 // 3)
        participants = rng.sample(world.members, rng.randrange(0, most + 1)) or [actor]
        id = world.new_group()
        new = world.known_place(id, "group", sorted({actor, *participants}))
        new.moderators.append(actor)
        if rng.random() < 0.15:
            self.orphan_before(new, actor)
        self.emit("createConversation", actor, conversation=id, participants=participants,
                  title=rng.choice(TITLES) if rng.random() < 0.7 else None,
                  history=rng.choice(["fromJoin", "all", None]))

    def orphan_before(self, place, actor):
        """Commands in a conversation that does not exist yet."""
        message = self.world.promise(place, actor)
        self.emit("edit", actor, conversation=place.id, message=message.id, content=self.world.content())
        self.emit("mute", actor, conversation=place.id, on=True)

    def send_direct(self, place):
        rng, world = self.rng, self.world
        actor, other = rng.sample(world.members, 2)
        id = direct_conversation_id(actor, other)
        known = [each for each in world.places if each.id == id]
        directs = world.of_kind("direct")
        if not known and directs and len(directs) >= self.conversations:
            known = [rng.choice(directs)]
            actor, other = rng.sample(known[0].inside, 2)
            id = known[0].id
        new = known[0] if known else world.known_place(id, "direct", sorted([actor, other]))
        token = world.token()
        content = world.content()
        command = self.emit("sendDirect", actor, to=other, clientToken=token, content=content,
                            sentAt=world.sent_at() if rng.random() < 0.5 else None)
        new.sent.append(Sent(message_id(id, actor, token), actor, token, content, [command]))

    def add_participants(self, place):
        actor = self.world.actor(place)
        chosen = place.left if place.left and self.rng.random() < 0.6 else self.world.members
        members = self.rng.sample(chosen, self.rng.randrange(1, min(len(chosen), 4) + 1))
        self.emit("addParticipants", actor, conversation=place.id, members=members)
        if actor in place.inside and place.kind == "group":
            place.inside += [member for member in members if member not in place.inside]
            place.left = [member for member in place.left if member not in members]

    def remove_participant(self, place):
        leaving = self.rng.random() < 0.5
        actor = self.world.actor(place, None if leaving else place.moderators)
        member = actor if leaving else self.world.actor(place)
        self.emit("removeParticipant", actor, conversation=place.id, member=member)
        if place.kind == "group" and member in place.inside and (leaving or actor in place.moderators):
            place.inside.remove(member)
            place.left.append(member)
            place.moderators = [each for each in place.moderators if each != member]

    def set_moderator(self, place):
        actor = self.world.actor(place, place.moderators)
        member = self.world.actor(place)
        on = self.rng.random() < 0.7
        self.emit("setModerator", actor, conversation=place.id, member=member, on=on)
        if actor in place.moderators and member in place.inside:
            place.moderators = [each for each in place.moderators if each != member] + ([member] if on else [])

    def rename(self, place):
        self.emit("rename", self.world.actor(place), conversation=place.id, title=self.rng.choice(TITLES))

    def close(self, place):
        """Closed conversations are opened again soon, or nothing more would happen in them."""
        on = not self.closed.get(place.id, False) if self.rng.random() < 0.9 else self.rng.random() < 0.5
        self.emit("close", self.world.actor(place, place.moderators), conversation=place.id, on=on)
        self.closed[place.id] = on

    # Messages

    def send(self, place):
        rng, world = self.rng, self.world
        if self.closed.get(place.id) and rng.random() < 0.3:
            self.close(place)
        chance = rng.random()
        if place.promised and chance < 0.25:
            message = place.promised.pop(rng.randrange(len(place.promised)))
            message.content = world.content()
        elif place.sent and chance < 0.33:      # the same message again: same or other content, other command id
            message = rng.choice(place.sent)
            if message.content is None or rng.random() < 0.5:
                message = Sent(message.id, message.sender, message.token, world.content())
        else:
            sender, token = world.actor(place), world.token()
            message = Sent(message_id(place.id, sender, token), sender, token, world.content())
        reply_to = world.target(place).id if rng.random() < 0.2 else None
        if rng.random() < 0.1 and message.content is not None:      # the token left out is the command id's text
            sender = world.actor(place)
            command = self.emit("send", sender, conversation=place.id, content=message.content,
                                replyTo=reply_to)
            message = Sent(message_id(place.id, sender, command), sender, command, message.content, [command])
        else:
            command = self.emit("send", message.sender, conversation=place.id, clientToken=message.token,
                                content=message.content, replyTo=reply_to,
                                message=message.id if rng.random() < 0.3 else None,
                                sentAt=world.sent_at() if rng.random() < 0.5 else None)
        if all(each.id != message.id for each in place.sent):
            message.versions = [command]
            place.sent.append(message)

    def edit(self, place):
        message = self.world.target(place)
        actor = message.sender if self.rng.random() < 0.8 else self.world.actor(place)
        expected = self.version(message) if self.rng.random() < 0.3 else None
        command = self.emit("edit", actor, conversation=place.id, message=message.id, content=self.world.content(),
                            expectedVersion=expected)
        message.versions.append(command)

    def version(self, message):
        """Mostly the newest known version; sometimes an old or an unknown one."""
        if message.versions and self.rng.random() < 0.6:
            return message.versions[-1]
        if message.versions and self.rng.random() < 0.8:
            return self.rng.choice(message.versions)
        return self.world.unknown_id()

    def delete(self, place):
        message = self.world.target(place)
        reason = self.rng.choice([None, "spam", "\u00e9 reason"])
        self.emit("delete", self.deleter(place, message), conversation=place.id, message=message.id, reason=reason)

    def withdraw(self, place):
        message = self.world.target(place)
        self.emit("delete", self.deleter(place, message), conversation=place.id, message=message.id,
                  version=self.version(message))

    def deleter(self, place, message):
        if self.rng.random() < 0.55:
            return message.sender
        return self.world.actor(place, place.moderators)

    def react(self, place):
        message = self.world.target(place)
        self.emit("react", self.world.actor(place), conversation=place.id, message=message.id,
                  reaction=self.rng.choice(REACTIONS), on=self.rng.random() < 0.75)

    def react_much(self, place):
        """Past the 32 kinds one message may have."""
        message = self.world.target(place)
        kinds = [f"kind {number}" for number in range(36)]
        self.rng.shuffle(kinds)
        for kind in kinds[:self.rng.randrange(30, 37)]:
            actor = self.rng.choice(place.inside or self.world.members)
            self.emit("react", actor, conversation=place.id, message=message.id, reaction=kind,
                      on=self.rng.random() < 0.95)

    # Personal metadata

    def up_to(self, place):
        """`upTo` or `upToMessage`; ords only from the log or long past."""
        known = self.ords.get(place.id)
        if known and self.rng.random() < 0.6:
            return {"upTo": self.rng.choice(known) + self.rng.choice([0, 0, 0, -1, 1])}
        if self.rng.random() < 0.07:
            return {"upTo": self.rng.choice([1, 1000, FIRST_MILLISECOND * 1000])}
        return {"upToMessage": self.world.target(place).id}

    def read(self, place):
        private = self.rng.choice([None, None, False, True])
        self.emit("read", self.world.actor(place), conversation=place.id, private=private, **self.up_to(place))

    def mark_unread(self, place):
        self.emit("markUnread", self.world.actor(place), conversation=place.id)

    def star(self, place):
        message = self.world.target(place)
        self.emit("star", self.world.actor(place), conversation=place.id, message=message.id,
                  on=self.rng.random() < 0.75)

    def hide(self, place):
        message = self.world.target(place)
        self.emit("hide", self.world.actor(place), conversation=place.id, message=message.id,
                  on=self.rng.random() < 0.75)

    def mute(self, place):
        self.emit("mute", self.world.actor(place), conversation=place.id, on=self.rng.random() < 0.5)

    def archive(self, place):
        on = self.rng.random() < 0.75
        up_to = self.up_to(place) if on else {}
        self.emit("archive", self.world.actor(place), conversation=place.id, on=on, **up_to)


WEIGHTS = [
    (RandomHistory.send, 30), (RandomHistory.send_direct, 5), (RandomHistory.create_conversation, 1),
    (RandomHistory.edit, 9), (RandomHistory.delete, 4), (RandomHistory.withdraw, 4), (RandomHistory.react, 8),
    (RandomHistory.react_much, 0.3), (RandomHistory.add_participants, 4), (RandomHistory.remove_participant, 3),
    (RandomHistory.set_moderator, 2), (RandomHistory.rename, 1.5), (RandomHistory.close, 1.5),
    (RandomHistory.read, 10), (RandomHistory.mark_unread, 4), (RandomHistory.star, 4), (RandomHistory.hide, 3),
    (RandomHistory.mute, 3), (RandomHistory.archive, 6),
]


def first_pass(seed, commands, members, conversations):
    rng = random.Random(f"parley {seed}")
    names = sorted(uuid5(DEFAULT_NAMESPACE, f"random member {number}".encode("utf-8")) for number in range(members))
    history = RandomHistory(rng, World(rng, names, f"seed {seed}"), conversations)
    while len(history.lines) < commands:
        history.step()
    return history.lines[:commands]


def second_pass(seed, commands, log_lines):
    rng = random.Random(f"parley second pass {seed}")
    model = Model(log_lines)
    world = World(rng, model.everybody(), f"second pass {seed}")
    history = RandomHistory(rng, world, conversations=len(model.conversations) + 2)
    records = {line["record"].get("message"): line["record"] for line in log_lines
               if line["record"]["command"] in ("send", "sendDirect")}
    for id, conversation in sorted(model.conversations.items()):
        if conversation.kind:
            world.places.append(known_place(conversation, records))
            history.ords[id] = [message.ord for message in conversation.messages_in_order()]
    while len(history.lines) < commands:
        history.step()
    return history.lines[:commands]


def known_place(conversation, records):
    inside = sorted(conversation.current_participants())
    place = Place(conversation.id, conversation.kind, inside, moderators=sorted(conversation.moderators))
    place.left = sorted(set(conversation.intervals) - set(inside))
    for message in conversation.messages_in_order():
        versions = [version.id for version in message.versions]
        record = records[message.id]
        place.sent.append(Sent(message.id, message.sender, record["clientToken"], record.get("content"), versions))
    return place


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--commands", type=int, required=True)
    parser.add_argument("--members", type=int, default=12)
    parser.add_argument("--conversations", type=int, default=8, help="how many to make; direct ones as many again")
    parser.add_argument("--second-pass", metavar="LOG", help="go on from a dump of `parley log --open`")
    arguments = parser.parse_args()
    if arguments.members < 2:
        parser.error("a history needs at least two members")
    print(f"seed {arguments.seed}", file=sys.stderr)
    if arguments.second_pass:
        with open(arguments.second_pass, "rb") as file:
            lines = second_pass(arguments.seed, arguments.commands, read_lines(file))
    else:
        lines = first_pass(arguments.seed, arguments.commands, arguments.members, arguments.conversations)
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    sys.stdout.buffer.write(text.encode("utf-8"))


if __name__ == "__main__":
    main()
