"""`parley explain` and the views of the past through the real executable, judged by the reference model of Tests/Model.

PARLEY               the executable; default .build/release/parley
PARLEY_EXPLAINED     how many random rows are explained; default 60
PARLEY_SEED          of histories and rows; printed, default random
"""

import datetime
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
MODEL = os.path.join(ROOT, "Tests", "Model")
sys.path.insert(0, MODEL)

from attribution import COUNTS, attribution, topic  # noqa: E402
from parley_model import CONVERSATION_TOPIC, Model, parse_position  # noqa: E402

PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
EXPLAINED = int(os.environ.get("PARLEY_EXPLAINED", "60"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 31)))
ROWS_OF_HISTORY = 50
WITHHELD = ("content", "title", "deleteReason")


class Explain(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="parley-explain-")
        self.data = os.path.join(self.directory, "data")

    def tearDown(self):
        shutil.rmtree(self.directory)

    def parley(self, *arguments, expect=(0,)):
        done = subprocess.run([PARLEY, "--data", self.data, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn(done.returncode, expect, f"parley {arguments}: {done.stderr.decode(errors='replace')[-2_000:]}")
        return done.stdout

    def lines(self, *arguments):
        return [json.loads(line) for line in self.parley(*arguments, "--json").splitlines()]

    def history(self, seed, commands=400):
        """Appends a random history in parts, so that what members ask comes between what conversations are asked."""
        shutil.rmtree(self.data, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, os.path.join(MODEL, "random_history.py"), "--seed", str(seed), "--commands", str(commands),
             "--members", "6", "--conversations", "3"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        lines = made.stdout.splitlines(True)
        for start in range(0, len(lines), 25):
            path = os.path.join(self.directory, "part")
            with open(path, "wb") as file:
                file.write(b"".join(lines[start:start + 25]))
            self.parley("append", path, expect=(0, 1))
        return self.lines("log", "--open")

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

    def test_every_field_is_explained_as_the_model_explains_it(self):
        explained, seed, self.fields, self.waited = 0, SEED, 0, 0
        while explained < EXPLAINED:
            print(f"explain: PARLEY_SEED={seed}", file=sys.stderr)
            log = self.history(seed)
            dice = random.Random(seed)
            subjects = self.subjects(dice, log)
            for _ in range(min(ROWS_OF_HISTORY, EXPLAINED - explained)):
                subject = next(subjects)
                with self.subTest(seed=seed, subject=subject):
                    self.check(log, subject)
                explained += 1
            self.check_commands(dice, log, seed)
            seed += 1
        print(f"explain: {explained} rows, {self.fields} fields, {self.waited} by what had waited", file=sys.stderr)

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

    def test_the_past_answers_as_it_did_then(self):
        seen = []
        for part in range(6):
            made = subprocess.run(
                [sys.executable, os.path.join(MODEL, "random_history.py"), "--seed", str(SEED + part), "--commands", "60",
                 "--members", "6", "--conversations", "3"], check=True, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL)
            path = os.path.join(self.directory, "part")
            with open(path, "wb") as file:
                file.write(made.stdout)
            self.parley("append", path, expect=(0, 1))
            for view in ("shared", "personal"):
                self.parley("project", view, "--once")
            model = Model(self.lines("log", "--open"))
            for member in model.everybody()[:3]:
                arguments = ("mailbox", "--as", member, "--limit", "3")
                seen.append((arguments, self.lines(*arguments)[0]))
                for row in seen[-1][1]["conversations"]:
                    arguments = ("conversation", row["conversation"], "--as", member)
                    seen.append((arguments, self.lines(*arguments)[0]))
        for arguments, answer in seen:
            with self.subTest(seed=SEED, arguments=arguments):
                self.assertEqual(self.lines(*arguments, "--as-of", answer["token"])[0], answer)

    def test_a_position_and_a_time_name_the_same_moment(self):
        log = self.history(SEED, 120)
        record = next(line for line in log if line["record"]["command"] == "createConversation"
                      and Model(log).outcome(line["position"]) == "accepted")
        room, member = record["record"]["conversation"], record["record"]["actor"]
        micros = record["appendTime"]
        by_time = self.lines("conversation", room, "--as", member, "--as-of", rfc3339(micros))
        by_position = self.lines("conversation", room, "--as", member, "--as-of", record["position"])
        self.assertEqual(by_time[0]["conversation"]["conversation"], room)
        self.assertEqual(by_position[0]["messages"], [])
        before = rfc3339(micros - 1)
        self.assertEqual(self.parley("conversation", room, "--as", member, "--as-of", before, expect=(1,)), b"")
        self.assertEqual(self.lines("mailbox", "--as", member, "--as-of", "1999-12-31T23:59:60Z")[0]["conversations"], [])
        self.parley("mailbox", "--as", member, "--as-of", "conversation-commands/0@999999", expect=(65,))
        self.parley("mailbox", "--as", member, "--as-of", "yesterday", expect=(64,))

    def test_what_is_not_there_and_what_makes_no_sense_is_said(self):
        log = self.history(SEED, 60)
        room = log[0]["record"]["conversation"]
        nobody = "00000000-0000-4000-8000-000000000000"
        self.assertEqual(self.parley("explain", "conversation", nobody, expect=(1,)), b"")
        self.assertEqual(self.parley("explain", "message", room, nobody, expect=(1,)), b"")
        self.assertEqual(self.parley("explain", "command", room, nobody, expect=(1,)), b"")
        self.parley("explain", "unread", room, expect=(64,))
        self.parley("explain", "message", room, expect=(64,))
        self.parley("explain", "weather", room, expect=(64,))


def rfc3339(micros):
    seconds, fraction = divmod(micros, 1_000_000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{fraction:06d}Z"


if __name__ == "__main__":
    unittest.main()
