"""Whole histories through the real executable, every answer compared with the reference model of Tests/Model.

PARLEY            the executable; default .build/release/parley
PARLEY_HISTORIES  how many random histories; default 3
PARLEY_SEED       of the first of them; printed, default random
PARLEY_IRC        where IRC logs are; default ../shared/data/irc beside the checkout; skipped where there is none
"""

import glob
import os
import random
import shutil
import subprocess
import sys
import unittest

from parley_case import PARLEY, ROOT, ParleyCase

MODEL = os.path.join(ROOT, "Tests", "Model")
HISTORIES = int(os.environ.get("PARLEY_HISTORIES", "3"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 31)))
IRC = os.environ.get("PARLEY_IRC", os.path.join(ROOT, "..", "shared", "data", "irc"))

MADE_UP_LOG = """\
[10:00] <ada> has anybody built it from the tree?
=== grace [~grace@example.org]  has joined #parley
[10:01] <grace> ada: yes, and it \x03worked\x03
[10:01]  * ada waves
[10:02] <\xe9mile> bonjour
=== ada is now known as ada_
=== grace [~grace@example.org]  has left #parley []
[10:03] <ada_> who was that?
"""


class Histories(ParleyCase):
    def model(self, script, *arguments):
        return subprocess.run(
            [sys.executable, os.path.join(MODEL, script), *arguments], check=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL).stdout

    def write(self, name, contents):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as file:
            file.write(contents)
        return path

    def project(self):
        for view in ("shared", "personal"):
            self.parley("project", view, "--once")

    def compare(self, *limits):
        done = subprocess.run(
            [sys.executable, os.path.join(MODEL, "compare.py"), "--parley", PARLEY, "--data", self.data, *limits],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace")[-4_000:])

    def dumps(self):
        return [self.parley("dump", view) for view in ("shared", "personal")]

    def test_random_histories_of_every_command_equal_the_model(self):
        for seed in range(SEED, SEED + HISTORIES):
            with self.subTest(seed=seed):
                print(f"history: PARLEY_SEED={seed}", file=sys.stderr)
                shutil.rmtree(self.data, ignore_errors=True)
                first = self.model("random_history.py", "--seed", str(seed), "--commands", "1500", "--members", "10")
                self.parley("append", self.write("first", first), expect=(0, 1))
                log = self.write("log", self.parley("log", "--open"))
                second = self.model("random_history.py", "--seed", str(seed), "--commands", "500", "--second-pass", log)
                self.project()
                self.parley("append", self.write("second", second), expect=(0, 1))
                self.project()
                self.compare()

    def test_a_view_built_in_one_go_equals_the_one_built_step_by_step(self):
        lines = self.model("random_history.py", "--seed", str(SEED), "--commands", "1200", "--members", "8").splitlines(True)
        for start in range(0, len(lines), 150):
            self.parley("append", self.write("part", b"".join(lines[start:start + 150])), expect=(0, 1))
            self.project()
        step_by_step = self.dumps()
        shutil.rmtree(os.path.join(self.data, "views"))
        os.mkdir(os.path.join(self.data, "views"))
        self.project()
        self.assertEqual(step_by_step, self.dumps(), f"PARLEY_SEED={SEED}")

    def test_appending_the_same_file_again_changes_nothing(self):
        sample = self.parley("sample", "--seed", "3", "--commands", "3000", "--members", "20")
        history = self.write("sample", sample)
        self.parley("append", history)
        self.project()
        before = [[line for line in dump.splitlines() if b'"marked_unread":true' not in line] for dump in self.dumps()]
        self.parley("append", history)
        self.project()
        after = [[line for line in dump.splitlines() if b'"marked_unread":true' not in line] for dump in self.dumps()]
        for view, one, other in zip(("shared", "personal"), before, after):
            self.assertEqual(set(one) - set(other), set(), view)
        self.compare("--members", "5", "--conversations", "4", "--messages", "3")

    def test_a_made_up_irc_log_equals_the_model(self):
        log = self.write("made-up.raw.txt", MADE_UP_LOG.encode("latin-1"))
        self.take_irc([log], "--members", "8")

    def test_the_irc_logs_equal_the_model(self):
        logs = sorted(glob.glob(os.path.join(IRC, "*.raw.txt")))
        if not logs:
            self.skipTest(f"no IRC logs in {IRC}: name them in PARLEY_IRC")
        self.take_irc(logs, "--members", "6", "--conversations", "3", "--messages", "3")

    def take_irc(self, logs, *limits):
        lines = b""
        for log in logs:
            annotation = log.replace(".raw.txt", ".annotation.txt")
            lines += self.model("irc_to_commands.py", log, *([annotation] if os.path.exists(annotation) else []))
        history = self.write("irc.jsonl", lines)
        self.parley("append", history)
        self.project()
        self.compare(*limits)
        before = self.dumps()
        self.parley("append", history)
        self.project()
        self.assertEqual(before, self.dumps(), "a second append changed something")


if __name__ == "__main__":
    unittest.main()
