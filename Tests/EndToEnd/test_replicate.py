"""A load in the legacy mailbox, relayed and replicated, against what the legacy tables alone say.

What is compared is in legacy_model.py.
"""

import json
import os
import subprocess
import tempfile
import unittest

from legacy_model import LegacyModel, Seen, differences, member, participant_differences, sqlite_rows

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))


class Replication(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="parley-replicate-")
        self.addCleanup(self.directory.cleanup)
        self.data = os.path.join(self.directory.name, "data")

    def parley(self, *arguments, check=True):
        done = subprocess.run(
            [PARLEY, *arguments, "--data", self.data], capture_output=True, text=True, timeout=300)
        if check and done.returncode != 0:
            self.fail(f"{arguments}: exit {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def test_the_views_say_what_the_legacy_tables_say(self):
        self.parley("legacy", "init")
        self.parley(
            "legacy", "drive", "--writers", "8", "--threads", "60", "--actions", "3000", "--seconds", "60", "--seed",
            "7")
        self.parley("legacy", "relay", "--once")
        self.interrupted_replication()
        report = json.loads(self.parley("replicate", "audit", "--json"))
        self.assertEqual(report["missing"], 0)
        self.assertGreater(report["checked"], 3000)
        for view in ("shared", "personal"):
            self.parley("project", view, "--once")
        model = LegacyModel(sqlite_rows(os.path.join(self.data, "legacy.sqlite")))
        self.assertEqual(participant_differences(model, self.parley("dump", "shared").splitlines()), [])
        seen = 0
        for owner in model.owners:
            seen += self.compare(model, owner)
        self.assertGreater(seen, 1000, "the load left too little to compare")

    def interrupted_replication(self):
        """Killed a few times on its way; the last run goes to the end."""
        for milliseconds in (40, 80, 150, 300):
            process = subprocess.Popen(
                [PARLEY, "replicate", "--data", self.data], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(milliseconds / 1000)
            except subprocess.TimeoutExpired:
                process.kill()
            finally:
                process.wait()
        self.parley("replicate", "--once")

    def compare(self, model, owner):
        export = self.parley("export", "--as", member(owner), "--json").splitlines()
        badge = json.loads(self.parley("mailbox", "--as", member(owner), "--json", "--limit", "1"))["badge"]
        expected = model.of(owner)
        found = differences(expected, Seen(export, badge))
        self.assertEqual(found, [], f"{owner}: {len(found)} differences")
        return len(expected["messages"])


if __name__ == "__main__":
    unittest.main()
