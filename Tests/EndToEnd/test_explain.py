"""`parley explain` and the views of the past through the real executable, judged by the reference model of Tests/Model.

PARLEY               the executable; default .build/release/parley
PARLEY_EXPLAINED     how many random rows are explained; default 60
PARLEY_SEED          of histories and rows; printed, default random
"""

import datetime
import os
import random
import shutil
import subprocess
import sys
import unittest

from explained_rows import EXPLAINED, MODEL, SEED, ExplainedRows, Model

ROWS_OF_HISTORY = 50


class Explain(ExplainedRows):
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

    def test_every_field_is_explained_as_the_model_explains_it(self):
        explained, seed = 0, SEED
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
