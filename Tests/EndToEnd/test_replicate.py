"""A load in the legacy mailbox, relayed and replicated, against what the legacy tables alone say.

What is compared: messages and their texts, edits, deletes for everyone and for oneself, stars, titles, participants,
archived folders are not (see the changelog), nor are read flags.
"""

import json
import os
import sqlite3
import subprocess
import tempfile
import unittest
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
NAMESPACE = uuid.UUID("9f02e5ff-bdc0-5c4f-98fc-67241590b612")


def member(owner):
    try:
        if str(uuid.UUID(owner)) == owner:
            return owner
    except ValueError:
        pass
    return str(uuid.uuid5(NAMESPACE, "member" + owner))


def conversation(thread):
    return uuid.uuid5(NAMESPACE, "thread" + thread)


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
        legacy = sqlite3.connect(os.path.join(self.data, "legacy.sqlite"))
        self.addCleanup(legacy.close)
        owners = [row[0] for row in legacy.execute("SELECT DISTINCT owner FROM participant ORDER BY owner")]
        seen = 0
        for owner in owners:
            seen += self.compare(legacy, owner)
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

    def compare(self, legacy, owner):
        rows, messages = {}, {}
        for line in self.parley("export", "--as", member(owner), "--json").splitlines():
            entry = json.loads(line)
            if "message" in entry:
                messages[(entry["conversation"], entry["message"])] = entry
            else:
                rows[entry["conversation"]] = entry
        for thread, subject, left in legacy.execute(
                "SELECT thread_id, thread.subject, left_at FROM participant JOIN thread USING (thread_id)"
                " WHERE owner = ?", (owner,)):
            row = rows[str(conversation(thread))]
            self.assertEqual(row["title"] or "", subject, thread)
            self.assertEqual(row["left"] is None, left is None, (thread, owner))
        count = 0
        for thread, key, body, deleted, starred in legacy.execute(
                "SELECT thread_id, dedup_key, body, deleted, starred FROM message_copy WHERE owner = ?", (owner,)):
            place = (str(conversation(thread)), str(uuid.uuid5(conversation(thread), "legacy" + key)))
            self.assertIn(place, messages, (thread, key, owner))
            message = messages[place]
            expected = {0: "live", 1: "hidden", 2: "deleted"}[deleted]
            if expected == "deleted":
                self.assertEqual(message["state"], "deleted", place)
            else:
                self.assertEqual(message["state"], expected, (place, owner))
            if expected == "live":
                self.assertEqual(message["content"]["text"], body, place)
                self.assertEqual(message["starred"], bool(starred), (place, owner))
            count += 1
        return count


if __name__ == "__main__":
    unittest.main()
