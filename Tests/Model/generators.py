"""Proves what the generators promise: the same bytes for the same arguments, right ids, every case hit."""

import collections
import json
import random
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from identity import message_id
from irc_to_commands import commands, member_id
from make_log import make_log
from parley_model import Model
from random_history import first_pass, second_pass
from shared_fold import REASONS

HERE = Path(__file__).parent
IRC = b"""=== ann [i=ann@host]  has joined #room
[10:00] <ann> hello
[10:01] <bob> never joined
[10:02]  * ann waves
=== ann is now known as ann2
=== ann [i=ann@host]  has left #room []
[23:59] <bob>
[23:59] <bob> odd \xff bytes \x00 and \x01
[00:01] <ann> next day
=== Channel mode changed
"""


def run(script, *arguments, hash_seed="0"):
    done = subprocess.run([sys.executable, str(HERE / script), *arguments], capture_output=True, check=True,
                          env={"PYTHONHASHSEED": hash_seed})
    return done.stdout, done.stderr


class RandomHistories(unittest.TestCase):
    def test_the_same_arguments_give_the_same_bytes(self):
        arguments = ["--seed", "5", "--commands", "300", "--members", "7"]
        one, seed = run("random_history.py", *arguments, hash_seed="1")
        two, _ = run("random_history.py", *arguments, hash_seed="2")
        self.assertEqual((one, seed), (two, b"seed 5\n"))
        self.assertEqual(len(one.split(b"\n")), 301)
        self.assertNotEqual(first_pass(5, 300, 7, 8), first_pass(6, 300, 7, 8))

    def test_message_and_conversation_ids_are_the_computed_ones(self):
        log = make_log(first_pass(1, 3000, 10, 8))
        self.assertEqual(Model(log).problems, [])
        for line in first_pass(1, 3000, 10, 8):
            if line["command"] == "send" and "message" in line:
                self.assertEqual(line["message"],
                                 message_id(line["conversation"], line["actor"], line["clientToken"]))

    def test_every_command_meets_every_outcome_the_fold_knows(self):
        outcomes, names = collections.Counter(), collections.Counter()
        for seed in range(1, 6):
            log = make_log(first_pass(seed, 3000, 10, 8))
            model = Model(log)
            outcomes.update(model.outcome(line["position"]) for line in log)
            names.update(line["record"]["command"] for line in log)
        reasons = [f"rejected({reason})" for reason in REASONS if reason != "tooLarge"]
        for outcome in ["accepted", "duplicate", "orphaned", *reasons]:
            self.assertGreater(outcomes[outcome], 0, outcome)
        self.assertEqual(len(names), 17)

    def test_lines_have_the_form_admission_takes(self):
        for line in first_pass(2, 3000, 10, 8):
            both = ("upTo" in line, "upToMessage" in line)
            if line["command"] == "read" or (line["command"] == "archive" and line["on"]):
                self.assertEqual(sum(both), 1, line)
            if line["command"] == "archive" and not line["on"]:
                self.assertEqual(sum(both), 0, line)
            if "content" in line:
                self.assertTrue(line["content"].get("text") or line["content"].get("attachments"), line)
            self.assertLessEqual(len(line.get("clientToken", "").encode()), 128)
            self.assertNotIn("\\u0000", json.dumps(line))

    def test_a_second_pass_uses_what_only_the_log_tells(self):
        log = make_log(first_pass(3, 2000, 10, 6))
        lines = second_pass(3, 800, log)
        self.assertEqual(lines, second_pass(3, 800, log))
        ords = {message.ord for conversation in Model(log).conversations.values()
                for message in conversation.messages.values()}
        self.assertTrue(any(line.get("upTo") in ords for line in lines))
        together = make_log([*first_pass(3, 2000, 10, 6), *lines])
        model = Model(together)
        self.assertEqual(model.problems, [])
        outcomes = collections.Counter(model.outcome(line["position"]) for line in together[2000:])
        self.assertGreater(outcomes["accepted"], 300)

    def test_copies_of_any_records_change_nothing_but_marks(self):
        lines = first_pass(4, 1500, 8, 5)
        rng = random.Random(4)
        before, after = Model(make_log(lines)), Model(make_log(lines + rng.choices(lines, k=500)))
        for member in before.everybody():
            one, two = before.export(member), after.export(member)
            for entry in one + two:
                entry.pop("markedUnread", None)
            self.assertEqual(one, two)
            self.assertEqual(before.stars(member), after.stars(member))
        self.assertEqual(before.rejections(), after.rejections())


class IrcLogs(unittest.TestCase):
    def test_a_log_becomes_one_conversation(self):
        lines = [json.loads(line) for line in commands(IRC, "2004-12-25.test", {3: 1})]
        self.assertEqual([line["command"] for line in lines], [
            "createConversation", "addParticipants", "send", "addParticipants", "send", "send", "removeParticipant",
            "send", "addParticipants", "send"])
        hello, wave, odd, last = lines[2], lines[5], lines[7], lines[9]
        self.assertEqual(wave["replyTo"], message_id(hello["conversation"], member_id("ann"), hello["clientToken"]))
        self.assertEqual(wave["content"]["text"], "* ann waves")
        self.assertEqual(odd["content"]["text"], "odd \ufffd bytes \ufffd and \x01")
        self.assertEqual((hello["sentAt"], last["sentAt"]), ("2004-12-25T10:00:00Z", "2004-12-26T00:01:00Z"))
        model = Model(make_log(lines))
        self.assertEqual(model.problems + model.rejections(), [])

    def test_the_same_file_gives_the_same_lines_with_ids_of_their_own(self):
        lines = commands(IRC, "2004-12-25.test", {})
        self.assertEqual(lines, commands(IRC, "2004-12-25.test", {}))
        self.assertEqual(len({json.loads(line)["id"] for line in lines}), len(lines))
        self.assertNotEqual(lines, commands(IRC, "2004-12-26.test", {}))


class Comparisons(unittest.TestCase):
    """`compare.py` against a stand-in that answers out of the model: silent when it is right, loud when it lies."""

    def compare(self, **environment):
        with tempfile.TemporaryDirectory() as directory:
            log = make_log(first_pass(9, 150, 4, 2))
            Path(directory, "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in log))
            product = Path(directory, "parley")
            product.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{HERE}/stand_in.py" "$@"\n')
            product.chmod(0o755)
            return subprocess.run(
                [sys.executable, str(HERE / "compare.py"), "--parley", str(product), "--data", directory,
                 "--members", "1", "--conversations", "1", "--messages", "2", "--project"],
                capture_output=True, text=True, env=environment)

    def test_a_product_that_agrees(self):
        done = self.compare()
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_a_product_that_lies_is_caught(self):
        done = self.compare(STAND_IN_LIES="1")
        self.assertEqual(done.returncode, 1)
        for field in ("read: expected", "participantCount: expected", "readUpTo: expected", "joined", "reason"):
            self.assertIn(field, done.stdout)
