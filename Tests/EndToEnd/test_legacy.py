"""The legacy mailbox, on real processes: its ids, and a relay that is killed -9 while people write.

PARLEY       the executable; default .build/release/parley
PARLEY_IDS   rows whose ids are computed again; default 20000
PARLEY_KILLS how often the relay is killed, a tenth of it; default 100
PARLEY_SEED  printed, default random
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
IDS = os.environ.get("PARLEY_IDS", "20000")
KILLS = int(os.environ.get("PARLEY_KILLS", "100")) // 10
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 32)))


def rows_of(store):
    """Every row of the store as a write names it, with its version and some fields."""
    rows = {}
    for thread, subject, version in store.execute("SELECT thread_id, subject, source_version FROM thread"):
        rows["thread", thread] = (version, subject)
    for thread, owner, left, folder, version in store.execute(
            "SELECT thread_id, owner, left_at, folder, source_version FROM participant"):
        rows["participant", thread, owner] = (version, left, folder)
    for copy, body, read, starred, deleted, folder, version in store.execute(
            "SELECT copy_id, body, read_at, starred, deleted, folder, source_version FROM message_copy"):
        rows["copy", copy] = (version, body, read, bool(starred), deleted, folder)
    return rows


def row_of(write):
    version = write["sourceVersion"]
    if write["row"] == "thread":
        return ("thread", write["thread"]), (version, write["subject"])
    if write["row"] == "participant":
        return ("participant", write["thread"], write["owner"]), (version, write["leftAt"], write["folder"])
    return ("copy", write["copy"]), (
        version, write["body"], write["readAt"], write["starred"], write["deleted"], write["folder"])


class LegacyTests(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.data = os.path.join(self.directory.name, "data")

    def legacy(self, *arguments):
        return [PARLEY, "--data", self.data, "legacy", *arguments]

    def test_ids_are_what_the_document_says(self):
        script = os.path.join(ROOT, "Tests", "LegacyIDs", "check_ids.py")
        subprocess.run([sys.executable, script, PARLEY, "--count", IDS, "--seed", str(SEED)], check=True)

    def test_relay_killed_again_and_again_loses_nothing_and_keeps_the_order(self):
        print(f"seed {SEED}, {KILLS} kills", file=sys.stderr)
        dice = random.Random(SEED)
        subprocess.run(self.legacy("init"), check=True)
        writers = subprocess.Popen(
            self.legacy("drive", "--writers", "8", "--threads", "40", "--seconds", str(KILLS + 2), "--seed", str(SEED)),
            stdout=subprocess.DEVNULL)
        self.addCleanup(writers.wait)
        self.addCleanup(writers.kill)
        for _ in range(KILLS):
            relay = subprocess.Popen(self.legacy("relay"), stdout=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.05, 0.9))
            relay.kill()
            relay.wait()
        self.assertEqual(writers.wait(), 0)
        subprocess.run(self.legacy("relay", "--once"), check=True, stdout=subprocess.DEVNULL)
        self.compare()

    def compare(self):
        store = sqlite3.connect(os.path.join(self.data, "legacy.sqlite"))
        self.addCleanup(store.close)
        self.assertEqual(store.execute("SELECT count(*) FROM outbox").fetchone(), (0,))
        seen, newest, rows = set(), {}, {}
        log = subprocess.run(self.legacy("log"), check=True, stdout=subprocess.PIPE)
        for line in log.stdout.decode().splitlines():
            write = json.loads(line)["write"]
            name = write["thread"], write["sourceVersion"]
            if name in seen:
                continue
            seen.add(name)
            self.assertGreater(write["sourceVersion"], newest.get(write["thread"], 0), f"seed {SEED}: order of {name}")
            newest[write["thread"]] = write["sourceVersion"]
            key, row = row_of(write)
            rows[key] = row
        self.assertEqual(rows, rows_of(store), f"seed {SEED}")
        self.assertGreater(len(rows), 100)


if __name__ == "__main__":
    unittest.main()
