"""Histories in which a legacy system writes and members command, one between the other: the views, what explains them, the
views of the past, and views rebuilt, judged by the reference model of Tests/Model.

PARLEY            the executable; default .build/release/parley
PARLEY_MIXED      how many random histories; default 2
PARLEY_EXPLAINED  how many random rows of each are explained; default 60
PARLEY_SEED       of the first of them; printed, default random
"""

import os
import random
import shutil
import subprocess
import sys
import unittest

from explained_rows import EXPLAINED, MODEL, SEED, ExplainedRows, Model
from parley_case import PARLEY
from servers.database import Database, binaries
from servers.place import Place

from mixed_history import MixedHistory  # noqa: E402

HISTORIES = int(os.environ.get("PARLEY_MIXED", "2"))
VIEWS = ("shared", "personal")


class MixedHistories(ExplainedRows):
    def history(self, seed, parts=8):
        """Writes and commands in parts, each replicated and appended before the next; the views are projected now and then."""
        made, dice = MixedHistory(seed), random.Random(seed)
        self.seen = []
        for _ in range(parts):
            legacy, native = made.part(dice.randrange(5, 40), dice.randrange(5, 25))
            self.parley("legacy", "append", self.write("legacy", legacy))
            steps = [lambda: self.parley("replicate", "--once"),
                     lambda: self.parley("append", self.write("native", native), expect=(0, 1))]
            for step in dice.sample(steps, 2):
                step()
            if dice.random() < 0.6:
                self.project()
                self.look(dice)
        self.project()
        self.assertEqual(self.parley("lanes", "list", "--json"), b"")
        return self.lines("log", "--open")

    def write(self, name, lines):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
        return path

    def project(self):
        for view in VIEWS:
            self.parley("project", view, "--once")

    def look(self, dice):
        """Notes what some members are answered now."""
        for member in dice.sample(Model(self.lines("log", "--open")).everybody(), 2):
            self.seen.append((("mailbox", "--as", member), self.lines("mailbox", "--as", member)[0]))
            for row in self.seen[-1][1]["conversations"][:1]:
                arguments = ("conversation", row["conversation"], "--as", member)
                self.seen.append((arguments, self.lines(*arguments)[0]))

    def test_views_explanations_the_past_and_views_rebuilt_are_the_models(self):
        for seed in range(SEED, SEED + HISTORIES):
            with self.subTest(seed=seed):
                shutil.rmtree(self.data, ignore_errors=True)
                print(f"mixed history: PARLEY_SEED={seed}", file=sys.stderr)
                log = self.history(seed)
                self.assertGreater(sum(line["origin"] == "legacy" for line in log), 100)
                self.compare()
                self.judge_explanations(log, seed)
                for arguments, answer in self.seen:
                    self.assertEqual(self.lines(*arguments, "--as-of", answer["token"])[0], answer, arguments)
                self.rebuild()
                self.compare_in_postgres()

    def compare(self, *stores):
        done = subprocess.run(
            [sys.executable, os.path.join(MODEL, "compare.py"), "--parley", PARLEY, "--data", self.data, *stores],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace")[-4_000:])

    def judge_explanations(self, log, seed):
        dice = random.Random(seed)
        subjects = self.subjects(dice, log)
        for _ in range(EXPLAINED):
            subject = next(subjects)
            with self.subTest(seed=seed, subject=subject):
                self.check(log, subject)
        self.check_commands(dice, log, seed)

    def rebuild(self):
        """Equal in one go to what grew step by step, whole and in a sample, and after a swap."""
        before = [self.parley("dump", view) for view in VIEWS]
        for arguments in (["verify-view"], ["verify-view", "--sample", "50", "--seed", "1"], ["replay"]):
            for view in VIEWS:
                self.parley(*arguments, "--view", view)
        self.assertEqual([self.parley("dump", view) for view in VIEWS], before)

    def compare_in_postgres(self):
        """The same rows there, and the same after a rebuild."""
        if binaries() is None:
            return print("PostgreSQL is not installed: not compared there", file=sys.stderr)
        place = Place()
        self.addCleanup(place.close)
        database = Database(place)
        self.addCleanup(database.close)
        stores = [part for view in VIEWS for part in (f"--{view}-store", database.address("parley"))]
        for view in VIEWS:
            self.parley("project", view, "--once", *stores)
        for _ in range(2):
            self.assertEqual(
                [self.parley("dump", view, *stores) for view in VIEWS], [self.parley("dump", view) for view in VIEWS])
            for view in VIEWS:
                self.parley("replay", "--view", view, *stores)


if __name__ == "__main__":
    unittest.main()
