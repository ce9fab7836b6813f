"""What a random history knows of the world it makes up: enough to aim at, not enough to be right.

Ids are computed, so a history can name messages before they are sent. Who is inside is remembered roughly, on purpose:
the model and the product judge, the history only has to hit every case.
"""

import uuid
from dataclasses import dataclass, field

from identity import direct_conversation_id, message_id, uuid7_like

FIRST_MILLISECOND = 1_700_000_000_000
LOOK_ALIKES = ["caf\u00e9", "cafe\u0301"]                 # equal to the eye, different bytes
TEXTS = [
    "hello", "ok", "x", " ", "two\nlines", "tab\tand \u0001 control", "a\u2028b\u2029c", "\"quoted\" \\ back/slash",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627", "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\uffff\ufeff", "\ud55c\uae00 \u1112\u1161\u11ab", "\u212b \u00c5 A\u030a", "</script>&amp;",
    *LOOK_ALIKES]
TITLES = ["Plans", "plans", "\u00fc", "u\u0308", "a title with spaces ", "\U0001f389"]
REACTIONS = ["+1", "-1", "\u2764", "\u2764\ufe0f", "\U0001f44d\U0001f3fd", "\u00e9", "e\u0301", "Z", "a",
             "\ufb01", "fi"]


@dataclass
class Sent:
    """A message somebody sent or may send later."""
    id: str
    sender: str
    token: str
    content: dict | None = None
    versions: list = field(default_factory=list)        # command ids, as far as known


@dataclass
class Place:
    """A conversation."""
    id: str
    kind: str
    inside: list
    left: list = field(default_factory=list)
    moderators: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    promised: list = field(default_factory=list)        # named, not sent yet


class World:
    def __init__(self, rng, members, prefix):
        self.rng = rng
        self.prefix = prefix            # keeps the ids of two histories apart
        self.members = members
        self.places = []
        self.minted = 0

    def id(self):
        self.minted += 1
        return uuid7_like(FIRST_MILLISECOND + self.minted * 7, f"{self.prefix}/{self.minted}".encode("utf-8"))

    def unknown_id(self):
        return str(uuid.UUID(int=self.rng.getrandbits(128)))

    def token(self):
        self.minted += 1
        kind = self.rng.random()
        if kind < 0.05:
            return f"{self.rng.choice(LOOK_ALIKES)} {self.prefix} {self.minted // 8}"
        if kind < 0.08:
            return f"{self.prefix} {self.minted} " + "t" * 100
        return f"{self.prefix} {self.minted}"

    def content(self):
        rng = self.rng
        content = {"text": rng.choice(TEXTS) + (f" {rng.randrange(1000)}" if rng.random() < 0.7 else "")}
        if rng.random() < 0.15:
            content["mentions"] = rng.sample(self.members, min(len(self.members), rng.randrange(1, 4)))
        if rng.random() < 0.1:
            content["attachments"] = [
                {"uri": f"https://files.example/{number}", "mediaType": "image/png", "bytes": rng.randrange(1, 10**9),
                 "name": rng.choice(TITLES)} for number in range(rng.randrange(1, 4))]
            if rng.random() < 0.3:
                del content["text"]
        return content

    def sent_at(self):
        rng = self.rng
        text = f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T" \
               f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
        fraction = rng.choice(["", "", "", ".5", ".123", ".123456"])
        return text + fraction + rng.choice(["Z", "Z", "Z", "+02:00", "-07:30"])

    # Whom and what a command names

    def place(self):
        """Mostly groups, and of them the newest few, so that they grow thick."""
        groups = self.of_kind("group")
        if not groups or self.rng.random() < 0.15:
            return self.rng.choice(self.places)
        return self.rng.choice(groups[-4:] if self.rng.random() < 0.4 else groups)

    def of_kind(self, kind):
        return [place for place in self.places if place.kind == kind]

    def actor(self, place, mostly=None):
        chance = self.rng.random()
        if mostly and chance < 0.6:
            return self.rng.choice(mostly)
        if place.inside and chance < 0.88:
            return self.rng.choice(place.inside)
        if place.left and chance < 0.95:
            return self.rng.choice(place.left)
        return self.rng.choice(self.members)

    def promise(self, place, sender=None):
        """A message that is named now and perhaps sent later."""
        sender = sender or self.actor(place)
        token = self.token()
        promised = Sent(message_id(place.id, sender, token), sender, token)
        place.promised.append(promised)
        return promised

    def target(self, place):
        """Mostly a recent message; sometimes an old one, one to come, or one that never comes."""
        chance = self.rng.random()
        if place.sent and chance < 0.45:
            return self.rng.choice(place.sent[-6:])
        if place.sent and chance < 0.75:
            return self.rng.choice(place.sent)
        if place.promised and chance < 0.9:
            return self.rng.choice(place.promised[-10:])
        if chance < 0.97:
            return self.promise(place)
        return Sent(self.unknown_id(), self.actor(place), "never")

    def new_group(self):
        id = self.id()
        if self.rng.random() < 0.05 and len(self.members) >= 2:
            id = direct_conversation_id(*self.rng.sample(self.members, 2))
        return id

    def known_place(self, id, kind, inside):
        for place in self.places:
            if place.id == id:
                return place
        self.places.append(Place(id, kind, inside))
        return self.places[-1]
