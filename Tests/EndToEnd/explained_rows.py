"""Random rows, and what `parley explain` says of them against what the reference model of Tests/Model finds."""

import json
import os
import random
import sys

from parley_case import ROOT, ParleyCase

MODEL = os.path.join(ROOT, "Tests", "Model")
sys.path.insert(0, MODEL)

from attribution import COUNTS, attribution, topic  # noqa: E402
from parley_model import CONVERSATION_TOPIC, Model, parse_position  # noqa: E402

EXPLAINED = int(os.environ.get("PARLEY_EXPLAINED", "60"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 31)))
WITHHELD = ("content", "title", "deleteReason")


class ExplainedRows(ParleyCase):
    """A test case in which rows are explained."""

    fields, waited = 0, 0

    def lines(self, *arguments):
        return [json.loads(line) for line in self.parley(*arguments, "--json").splitlines()]

    def subjects(self, dice, log):
        """Random rows: messages as everybody and as one member has them, conversations, unread counts, mailbox rows."""
        model = Model(log)
        rooms = [room for room in model.conversations.values() if room.kind]
        while True:
            room = dice.choice(rooms)
            member = dice.choice(sorted(room.intervals))
            messages = sorted(room.messages)
            kind = dice.choice(["message", "seen", "conversation", "unread", "mailbox"])
            if kind in ("message", "seen") and messages:
                yield ("message", room.id, dice.choice(messages), member if kind == "seen" else None)
            elif kind == "conversation":
                yield (kind, room.id, None, None)
            elif kind in ("unread", "mailbox"):
                yield (kind, room.id, None, member)

    def check(self, log, subject):
        kind, conversation, message, member = subject
        expected = attribution(log, subject)
        arguments = ["explain", kind, conversation] + ([message] if message else [])
        arguments += ["--as", member] if member else []
        if not expected and not self.refusals(log, subject):
            # A message that the member never saw.
            self.assertEqual(self.parley(*arguments, "--json", expect=(1,)), b"")
            return
        got = {line["field"]: line for line in self.lines(*arguments)}
        refused = got.pop("refused", {"value": 0, "causes": []})
        self.assertEqual(
            {cause["position"]: cause["reason"] for cause in refused["causes"]}, self.refusals(log, subject))
        self.assertEqual(refused["value"], len(refused["causes"]))
        self.assertEqual(sorted(got), sorted(expected))
        for name, (value, positions) in expected.items():
            line = got[name]
            self.assertEqual([cause["position"] for cause in line["causes"]], positions, f"{name}: {value}")
            self.check_value(name, value, line["value"])
            self.check_causes(log, line["causes"])
            self.fields += 1
            self.waited += name not in COUNTS and len(positions) > 1

    def refusals(self, log, subject):
        """Position -> reason of what was refused and would have changed the subject."""
        kind, conversation, message, _ = subject
        records = {line["position"]: line["record"] for line in log}
        skipped = {"conversation": ("send", "sendDirect", "edit", "delete", "react"), "unread": ("edit", "react"),
                   "mailbox": ("edit", "react"), "message": ()}[kind]
        return {entry["position"]: entry["reason"] for entry in Model(log).rejections()
                if entry["conversation"] == conversation and entry["command"] not in skipped
                and message in (None, records[entry["position"]].get("message"))}

    def check_value(self, name, value, got):
        if name.split(".")[-1] in WITHHELD:
            self.assertEqual(got, None if value is None else "-", name)
        elif name != "sentAt":
            self.assertEqual(got, value, name)

    def check_causes(self, log, causes):
        records = {line["position"]: line for line in log}
        for cause in causes:
            line = records[cause["position"]]
            self.assertEqual(
                [cause["appendTime"], cause["actor"], cause["id"], cause["command"], cause["origin"]],
                [line["appendTime"], *(line["record"][name] for name in ("actor", "id", "command")), line["origin"]])

    def check_commands(self, dice, log, seed):
        """What became of random commands, refused ones first, and what had decided it."""
        model = Model(log)
        refused = [entry["position"] for entry in model.rejections()]
        others = [line["position"] for line in log if topic(line) == CONVERSATION_TOPIC]
        records = {line["position"]: line for line in log}
        for position in dice.sample(refused, min(12, len(refused))) + dice.sample(others, 4):
            line = records[position]["record"]
            with self.subTest(seed=seed, command=position):
                first = min((each["position"] for each in log if topic(each) == CONVERSATION_TOPIC
                             and each["record"]["id"] == line["id"]
                             and each["record"]["conversation"] == line["conversation"]), key=parse_position)
                self.check_command(log, model, records[first])

    def check_command(self, log, model, line):
        record = line["record"]
        room = record["conversation"]
        got = {each["field"]: each for each in self.lines("explain", "command", room, record["id"])}
        outcome = str(model.outcome(line["position"]))
        reason = outcome[len("rejected("):-1] if outcome.startswith("rejected(") else None
        self.assertEqual(got["outcome"]["value"], outcome.split("(")[0])
        self.assertEqual(got["reason"]["value"], reason)
        self.assertEqual(got["outcome"]["causes"][0]["position"], line["position"])
        if reason is None or len(got["outcome"]["causes"]) > 1:
            return
        before = {}
        for name, found in attribution(log, ("conversation", room, None, None), until=line["position"]).items():
            before[name] = found
        if "message" in record:
            subject = ("message", room, record["message"], None)
            for name, found in attribution(log, subject, until=line["position"]).items():
                before[f"message.{name}"] = found
        for name in set(got) - {"command", "outcome", "reason", "copies"}:
            value, positions = before.get(name, (None, []))
            self.check_value(name, value, got[name]["value"])
            # What had waited is not told apart here: the record that let it is there in both.
            self.assertEqual(
                {cause["position"] for cause in got[name]["causes"]} - set(positions), set(), f"{name} of {reason}")
            self.assertEqual(got[name]["causes"] == [], positions == [], f"{name} of {reason}")
