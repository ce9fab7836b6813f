"""The replicator under every fault at once, against what the legacy tables alone say.

Many writers work in the legacy mailbox while its writes are relayed, every record twice, and replicated; meanwhile 5 % of
the attempts fail as if a server were away, one thread in so many is poisoned, the replicator is killed -9 again and again,
the relay is killed and started again, the log is away for a while, and the legacy store's clock is 10 minutes ahead. Then:
nothing is lost, nothing is doubled, no lane is out of order; and after the poison is mended and redriven all is equal.

PARLEY                the executable; default .build/release/parley
PARLEY_JUDGE_SECONDS  how long the load lasts; default 6 (the long run: 120, over 5,000 threads)
PARLEY_JUDGE_KILLS    how often the replicator is killed; default 10 (the long run: 200)
PARLEY_SEED           printed, default random
"""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

from legacy_model import LegacyModel, Seen, differences, member, participant_differences, sqlite_rows

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
SECONDS = int(os.environ.get("PARLEY_JUDGE_SECONDS", "6"))
KILLS = int(os.environ.get("PARLEY_JUDGE_KILLS", "10"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 32)))
# In a short run one lane in a thousand would be none.
THREADS, POISON = (5_000, 1_000) if SECONDS >= 60 else (300, 50)


class ReplicationUnderFaults(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="parley-faults-")
        self.addCleanup(self.directory.cleanup)
        self.data = os.path.join(self.directory.name, "data")
        self.absent = os.path.join(self.directory.name, "log-is-away")
        self.dice = random.Random(SEED)
        self.ended = threading.Event()
        self.failures = []

    def command(self, *arguments):
        return [PARLEY, *arguments, "--data", self.data]

    def environment(self, faults):
        return dict(os.environ, PARLEY_TEST_REPLICATION_FAULTS=faults)

    def parley(self, *arguments, faults=""):
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=900, env=self.environment(faults))
        self.assertEqual(done.returncode, 0, f"seed {SEED}: {arguments}: {done.stderr[-2000:]}")
        return done.stdout

    @property
    def faults(self):
        return f"transient=5 poison={POISON} log={self.absent}"

    def killed(self, arguments, faults, least, most):
        """Runs a daemon for a while, then kills it."""
        process = subprocess.Popen(
            self.command(*arguments), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=self.environment(faults))
        try:
            error = process.communicate(timeout=self.dice.uniform(least, most))[1]
            self.failures.append(f"{arguments} ended by itself with {process.returncode}: {error[-500:]}")
        except subprocess.TimeoutExpired:
            process.kill()
        finally:
            process.communicate()

    def relay(self):
        while not self.ended.is_set():
            self.killed(["legacy", "relay"], "duplicate", 0.5, 2)

    def take_the_log_away(self):
        time.sleep(SECONDS / 4)
        open(self.absent, "w").close()
        time.sleep(60 if SECONDS >= 60 else 3)
        os.unlink(self.absent)

    def test_nothing_is_lost_doubled_or_out_of_order(self):
        print(f"seed {SEED}, {SECONDS} s, {KILLS} kills", file=sys.stderr)
        self.parley("legacy", "init")
        writers = subprocess.Popen(
            self.command(
                "legacy", "drive", "--writers", "50", "--threads", str(THREADS), "--seconds", str(SECONDS), "--seed",
                str(SEED), "--skew-seconds", "600"), stdout=subprocess.DEVNULL)
        helpers = [threading.Thread(target=self.relay), threading.Thread(target=self.take_the_log_away)]
        try:
            for helper in helpers:
                helper.start()
            for _ in range(KILLS):
                self.killed(["replicate"], self.faults, 0.1, 2 * SECONDS / KILLS)
            self.assertEqual(writers.wait(SECONDS + 120), 0)
        finally:
            self.ended.set()
            writers.kill()
            writers.wait()
            for helper in helpers:
                helper.join()
        self.assertEqual(self.failures, [], f"seed {SEED}")
        self.drain()

    def drain(self):
        self.parley("legacy", "relay", "--once", faults="duplicate")
        self.parley("replicate", "--once", faults=self.faults)
        parked = {json.loads(line)["lane"] for line in self.parley("lanes", "list", "--json").splitlines()}
        poisoned = {lane for lane in parked if uuid.UUID(lane).int % (1 << 64) % POISON == 0}
        self.assertGreater(len(poisoned), 0, f"seed {SEED}: nothing was poisoned")
        self.judge(without=parked)
        status = json.loads(self.parley("lanes", "status", "--json"))
        self.assertEqual(status["lanesDead"], len(poisoned), f"seed {SEED}")
        predictions = [
            json.loads(line) for line in self.parley("redrive", "--dry-run", "--json").splitlines()]
        self.assertEqual(len(predictions), status["parked"])
        self.assertEqual({line["prediction"] for line in predictions} - {"wouldApply", "superseded"}, set())
        self.parley("redrive", "--operator", "test", "--reason", "mended")
        self.parley("replicate", "--once")
        self.assertEqual(self.parley("lanes", "list", "--json"), "", f"seed {SEED}")
        self.judge(without=set())

    def judge(self, without):
        audit = json.loads(self.parley("replicate", "audit", "--json"))
        self.assertEqual((audit["missing"], audit["skipped"]), (0, 0), f"seed {SEED}: {audit}")
        for view in ("shared", "personal"):
            self.parley("project", view, "--once")
        audit = json.loads(self.parley("replicate", "audit", "--json"))
        self.assertEqual(audit["missing"], 0, f"seed {SEED}: {audit}")
        self.assertEqual([view["ahead"] for view in audit["views"]], [0, 0], f"seed {SEED}: {audit}")
        path = os.path.join(self.data, "legacy.sqlite")
        with contextlib.closing(sqlite3.connect(path)) as legacy:
            self.assertEqual(legacy.execute("SELECT count(*) FROM outbox").fetchone(), (0,))
        model = LegacyModel(sqlite_rows(path))
        found = participant_differences(model, self.parley("dump", "shared").splitlines(), without)
        self.assertEqual(found, [], f"seed {SEED}: {len(found)} differences")
        owners = self.dice.sample(model.owners, min(20 if SECONDS < 60 else 200, len(model.owners)))
        seen = sum(self.compare(model, owner, without) for owner in owners)
        self.assertGreater(seen, 200, f"seed {SEED}: the load left too little to compare")

    def compare(self, model, owner, without):
        export = self.parley("export", "--as", member(owner), "--json").splitlines()
        badge = json.loads(self.parley("mailbox", "--as", member(owner), "--json", "--limit", "1"))["badge"]
        expected = model.of(owner)
        found = differences(expected, Seen(export, badge), without)
        self.assertEqual(found, [], f"seed {SEED}: {owner}: {len(found)} differences")
        return sum(1 for place, _ in expected["messages"] if place not in without)


if __name__ == "__main__":
    unittest.main()
