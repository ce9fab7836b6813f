"""Turns an IRC log into lines for `parley append`: one group conversation, the same bytes for the same file.

Usage: irc_to_commands.py DATE.SET.raw.txt [DATE.SET.annotation.txt]

The creator is a bot; a nick is a member, the same in every file. Joins add, leaves remove, messages and actions are
sends with the file's date and the line's minute as `sentAt`; a nick that speaks without having joined is added first;
renames and other system lines are ignored. Every line has a computed id, so appending the output again changes nothing.
"""

import argparse
import datetime
import json
import os
import re
import sys

from identity import DEFAULT_NAMESPACE, message_id, uuid5, uuid7_like

MESSAGE = re.compile(r"^\[(\d\d):(\d\d)\] <([^>]+)> ?(.*)$", re.DOTALL)
ACTION = re.compile(r"^\[(\d\d):(\d\d)\]  \* (\S+) ?(.*)$", re.DOTALL)
JOINED = re.compile(r"^=== (\S+) \[[^\]]*\]  has joined ")
LEFT = re.compile(r"^=== (\S+) \[[^\]]*\]  has left ")
TEXT_LIMIT_BYTES = 60_000


def member_id(nick):
    return uuid5(DEFAULT_NAMESPACE, b"irc nick " + nick.encode("utf-8"))


def valid_text(raw):
    """Text that may stand in a command: invalid bytes and NUL become U+FFFD, other control characters stay."""
    text = raw.decode("utf-8", errors="replace").replace("\0", "\ufffd").rstrip("\r")
    return text.encode("utf-8")[:TEXT_LIMIT_BYTES].decode("utf-8", errors="ignore")


def read_replies(path):
    """message line -> the latest earlier line it answers."""
    replies = {}
    with open(path, "rb") as file:
        for line in file.read().decode("utf-8").split("\n"):
            fields = line.split()
            if len(fields) >= 2 and int(fields[0]) < int(fields[1]):
                replies[int(fields[1])] = max(int(fields[0]), replies.get(int(fields[1]), -1))
    return replies


class Channel:
    def __init__(self, name, replies):
        date = re.match(r"\d{4}-\d\d-\d\d", name)
        self.day = datetime.datetime.fromisoformat(date.group() if date else "2000-01-01")
        self.now = self.day
        self.name = name
        self.replies = replies
        self.conversation = self.id("conversation", 0)
        self.bot = uuid5(DEFAULT_NAMESPACE, b"irc bot")
        self.inside = {self.bot}
        self.sent = {}                  # line number -> message id
        self.output = []
        self.add("createConversation", "create", 0, self.bot, title=name, participants=[self.bot], history="fromJoin")

    def id(self, what, number):
        milliseconds = int(self.now.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)
        return uuid7_like(milliseconds, f"{self.name}/{what}/{number}".encode("utf-8"))

    def add(self, command, what, number, actor, **fields):
        record = {"id": self.id(what, number), "command": command, "actor": actor, "conversation": self.conversation}
        self.output.append(json.dumps({**record, **fields}, ensure_ascii=False, separators=(",", ":")))

    def line(self, number, text):
        spoken = MESSAGE.match(text)
        acted = ACTION.match(text)
        joined = JOINED.match(text)
        left = LEFT.match(text)
        if spoken or acted:
            hour, minute, nick, words = (spoken or acted).groups()
            self.tick(int(hour), int(minute))
            self.speak(number, nick, words if spoken else f"* {nick} {words}".rstrip(" "))
        elif joined:
            self.join(number, member_id(joined.group(1)))
        elif left:
            member = member_id(left.group(1))
            self.inside.discard(member)
            self.add("removeParticipant", "leave", number, member, member=member)

    def tick(self, hour, minute):
        """The log has no dates: going back by more than half a day is midnight."""
        if hour < 24 and minute < 60:
            now = self.now.replace(hour=hour, minute=minute)
            midnight = now < self.now - datetime.timedelta(hours=12)
            self.now = now + datetime.timedelta(days=1) if midnight else now

    def join(self, number, member):
        self.inside.add(member)
        self.add("addParticipants", "join", number, self.bot, members=[member])

    def speak(self, number, nick, text):
        if not text:
            return                      # a message has at least one byte of text
        member = member_id(nick)
        if member not in self.inside:
            self.join(number, member)
        token = f"{self.name} line {number}"
        self.sent[number] = message_id(self.conversation, member, token)
        fields = {"clientToken": token, "content": {"text": text}, "sentAt": self.now.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if self.replies.get(number) in self.sent:
            fields["replyTo"] = self.sent[self.replies[number]]
        self.add("send", "send", number, member, **fields)


def commands(raw, name, replies):
    channel = Channel(name, replies)
    for number, line in enumerate(raw.split(b"\n")):
        channel.line(number, valid_text(line))
    return channel.output


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("raw", help="the log, DATE.SET.raw.txt")
    parser.add_argument("annotation", nargs="?", help="reply links; default: the file beside the log")
    arguments = parser.parse_args()
    with open(arguments.raw, "rb") as file:
        raw = file.read()
    beside = arguments.raw.replace(".raw.txt", ".annotation.txt")
    annotation = arguments.annotation or (beside if beside != arguments.raw and os.path.exists(beside) else None)
    name = os.path.basename(arguments.raw).removesuffix(".raw.txt")
    replies = read_replies(annotation) if annotation else {}
    sys.stdout.buffer.write("".join(line + "\n" for line in commands(raw, name, replies)).encode("utf-8"))


if __name__ == "__main__":
    main()
