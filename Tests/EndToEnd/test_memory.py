"""Memory of projectors through a long log on Kafka: flat, and of what was fetched ahead never more than they may hold.

PARLEY                 the executable; default .build/release/parley
PARLEY_MEMORY_RECORDS  how many records; without it the test is skipped: it takes minutes a million. `make torture` says 10,000,000
KAFKA_HOME             the directory of the script `kafka`
"""

import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
import unittest

from servers.place import PARLEY, VIEWS, Place, die_with_parent, free_ports

SCRIPT = os.path.join(os.environ.get("KAFKA_HOME", ""), "kafka")
RECORDS = int(os.environ.get("PARLEY_MEMORY_RECORDS", "0"))
HELD_AT_MOST = 128 << 20
FETCHED_AT_MOST = HELD_AT_MOST // 2
PAGE = resource.getpagesize()


class Watch:
    """Resident memory of a process, sampled until it ends, and what it says it has fetched ahead."""

    def __init__(self, process):
        self.process = process
        self.samples = []
        self.fetched = []
        self.said = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            match = re.search(rb"fetched ahead \d+ \((\d+) bytes of", line)
            if match:
                self.fetched.append(int(match[1]))
            else:
                self.said.append(line.decode(errors="replace"))

    def sample(self):
        try:
            with open(f"/proc/{self.process.pid}/statm") as file:
                self.samples.append(int(file.read().split()[1]) * PAGE)
        except (FileNotFoundError, IndexError):
            pass

    def quarters(self):
        """The greatest of each quarter of the time, in bytes."""
        count = len(self.samples)
        return [max(self.samples[count * part // 4:max(count * (part + 1) // 4, count * part // 4 + 1)]) for part in range(4)]


@unittest.skipUnless(RECORDS, "skipped: PARLEY_MEMORY_RECORDS is not set")
@unittest.skipUnless(os.access(SCRIPT, os.X_OK), "skipped: no real Kafka: KAFKA_HOME names no directory with a script `kafka`")
class Memory(unittest.TestCase):
    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.close)
        cluster = self.place.path("kafka")
        self.addCleanup(subprocess.run, [SCRIPT, "stop", "--dir", cluster], capture_output=True)
        started = subprocess.run(
            [SCRIPT, "start", "--dir", cluster, "--port", str(free_ports(1, 100, 200)), "--heap", "512m"],
            check=True, stdout=subprocess.PIPE, text=True)
        self.environment = {
            **os.environ, "PARLEY_DATA": self.place.path("data"), "PARLEY_LOG": f"kafka:{started.stdout.split()[-1]}",
            "PARLEY_KAFKA_QUEUED_MAX_MESSAGES_KBYTES": str(HELD_AT_MOST >> 10),
            "PARLEY_KAFKA_STATISTICS_INTERVAL_MS": "500"}
        self.parley("topics", "create", "--partitions", "8", "--replicas", "1")

    def parley(self, *arguments):
        return subprocess.run(
            [PARLEY, *arguments], env=self.environment, check=True, stdout=subprocess.PIPE).stdout

    def append(self):
        made = subprocess.Popen(
            [PARLEY, "sample", "--commands", str(RECORDS), "--members", "20000"], stdout=subprocess.PIPE)
        began = time.monotonic()
        done = subprocess.run(
            [PARLEY, "append", "-"], stdin=made.stdout, env=self.environment, check=True, stdout=subprocess.PIPE)
        made.stdout.close()
        self.assertEqual(made.wait(), 0)
        print(f"memory: {json.loads(done.stdout)['appended']} records appended in {time.monotonic() - began:.0f} s",
              file=sys.stderr)

    def test_memory_stays_flat_through_the_log(self):
        self.append()
        for view in VIEWS:
            with self.subTest(view):
                self.project(view)

    def project(self, view):
        began = time.monotonic()
        process = subprocess.Popen(
            [PARLEY, "project", view], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            preexec_fn=die_with_parent)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        watch = Watch(process)
        while self.gap(view):
            self.assertIsNone(process.poll(), "".join(watch.said))
            for _ in range(10):
                watch.sample()
                time.sleep(0.5)
        seconds = time.monotonic() - began
        process.terminate()
        self.assertEqual(process.wait(timeout=30), 143)
        quarters = watch.quarters()
        print(f"memory: {view}: {RECORDS} records in {seconds:.0f} s, {RECORDS / seconds:,.0f} a second; resident, greatest of "
              f"each quarter of the time: {', '.join(f'{size >> 20} MiB' for size in quarters)}; fetched ahead at most "
              f"{max(watch.fetched, default=0) >> 10} KiB of {FETCHED_AT_MOST >> 10} KiB, {len(watch.fetched)} times asked",
              file=sys.stderr)
        self.assertGreater(len(watch.fetched), 5)
        self.assertLessEqual(max(watch.fetched), FETCHED_AT_MOST)
        # What is kept between batches is full by then.
        self.assertLessEqual(quarters[3], max(quarters[1], quarters[2]) * 1.15, "memory grows with the log")

    def gap(self, view):
        status = json.loads(self.parley("status", "--json"))
        return sum(row["gap"] for row in status["projections"] if row["projection"] == view)


if __name__ == "__main__":
    unittest.main()
