"""Daemons that are started while their broker or database is away wait for it and go on by themselves; what runs once, and
what is wrong in another way, ends at once.

PARLEY      the executable; default .build/release/parley
KAFKA_HOME  the directory of the script `kafka`; without it, or without a PostgreSQL server, the tests are skipped
"""

import json
import os
import subprocess
import time
import unittest

from servers.database import Database, binaries
from servers.place import PARLEY, VIEWS, Place, die_with_parent, free_ports

SCRIPT = os.path.join(os.environ.get("KAFKA_HOME", ""), "kafka")
UNREACHABLE, NOT_ALLOWED, WRONG_CONFIGURATION, TERMINATED = 69, 77, 78, 143
OWNER = "ada@example.org"


class Daemon:
    """A process that says what it has to say into a file."""

    def __init__(self, test, name, *arguments):
        self.name = name
        self.path = test.place.path(name + ".err")
        with open(self.path, "wb") as complaints:
            self.process = subprocess.Popen(
                [PARLEY, *arguments], env=test.environment, stdout=subprocess.DEVNULL, stderr=complaints,
                preexec_fn=die_with_parent)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)

    def said(self):
        with open(self.path, errors="replace") as file:
            return file.read()

    def await_words(self, words, seconds=40):
        """Waits until it says these; it must live meanwhile."""
        deadline = time.monotonic() + seconds
        while words not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{self.name}, exit {self.process.poll()}, does not say {words!r}: {self.said()}")
            time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=20)


class Waiting(unittest.TestCase):
    def setUp(self):
        self.place = Place()
        self.addCleanup(self.place.close)
        self.environment = {
            **os.environ, "PARLEY_DATA": self.place.path("data"), "PARLEY_KAFKA_READ_TIMEOUT_MS": "1000",
            "PARLEY_KAFKA_MESSAGE_TIMEOUT_MS": "4000"}

    def parley(self, *arguments, code=0, **environment):
        done = subprocess.run([PARLEY, *arguments], env={**self.environment, **environment}, capture_output=True, timeout=90)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr.decode()[-800:]}")
        return done.stdout.decode()

    def legacy_message(self, text):
        self.parley("legacy", "send", "thread-1", text, "--as", OWNER, "--to", "bob@example.org")

    def await_texts(self, *texts):
        """Until messages with these texts are replicated; there is a record a copy."""
        deadline = time.monotonic() + 60
        while True:
            found = [json.loads(line)["record"].get("content", {}) for line in self.parley("log", "--open").splitlines()]
            if {content["text"] for content in found if content} == set(texts):
                return
            self.assertLess(time.monotonic(), deadline, f"{found}")
            time.sleep(0.3)


@unittest.skipUnless(os.access(SCRIPT, os.X_OK), "skipped: no real Kafka: KAFKA_HOME names no directory with a script `kafka`")
class WaitingForBrokers(Waiting):
    def setUp(self):
        super().setUp()
        self.cluster = self.place.path("kafka")
        self.port = free_ports(1, 100, 200)
        self.environment["PARLEY_LOG"] = f"kafka:127.0.0.1:{self.port}"
        self.start_broker()
        self.parley("topics", "create", "--partitions", "2", "--replicas", "1")
        self.parley("legacy", "init")
        self.legacy_message("before")
        subprocess.run([SCRIPT, "kill", "1", "--dir", self.cluster], check=True, capture_output=True)

    def start_broker(self):
        subprocess.run([SCRIPT, "start", "--dir", self.cluster, "--port", str(self.port), "--heap", "256m"], check=True,
                       stdout=subprocess.DEVNULL)
        self.addCleanup(subprocess.run, [SCRIPT, "stop", "--dir", self.cluster], capture_output=True)

    def test_daemons_wait_for_brokers_that_come_later_and_what_runs_once_does_not(self):
        daemons = [Daemon(self, "node", "node"), Daemon(self, "relay", "legacy", "relay"),
                   Daemon(self, "replicate", "replicate"), Daemon(self, "shared", "project", "shared")]
        for daemon in daemons:
            daemon.await_words("waiting since")
            self.assertIn(str(self.port), daemon.said(), "it does not say for what")
        for once in (["project", "shared", "--once"], ["replicate", "--once"], ["legacy", "relay", "--once"], ["status"]):
            self.parley(*once, code=UNREACHABLE)
        early = Daemon(self, "early", "project", "personal")
        early.await_words("waiting since")
        self.assertEqual(early.stop(), TERMINATED)
        for daemon in daemons:
            self.assertEqual(daemon.said().count("waiting since"), 1, "it says so at every try")
        self.start_broker()
        for daemon in daemons:
            daemon.await_words("going on")
        self.await_texts("before")
        self.parley("status", "--wait", "60s")
        for daemon in daemons:
            self.assertEqual(daemon.stop(), TERMINATED, daemon.said())

    def test_topics_that_are_refused_end_a_daemon_at_once(self):
        self.start_broker()
        subprocess.run(
            [SCRIPT, "tool", "configs", "--bootstrap-server", f"127.0.0.1:{self.port}", "--alter", "--entity-type", "topics",
             "--entity-name", "member-commands", "--add-config", "retention.ms=1000"], check=True, capture_output=True)
        self.parley("node", code=WRONG_CONFIGURATION)
        self.parley("project", "shared", code=WRONG_CONFIGURATION, PARLEY_KAFKA_TOPIC_PREFIX="missing-")


@unittest.skipUnless(binaries(), "skipped: no PostgreSQL server in /usr/lib/postgresql or PARLEY_TEST_POSTGRES_BIN")
class WaitingForDatabase(Waiting):
    def setUp(self):
        super().setUp()
        self.database = Database(self.place)
        self.addCleanup(self.database.close)
        for name in ("SHARED_STORE", "PERSONAL_STORE", "REPLICATION_STORE"):
            self.environment[f"PARLEY_{name}"] = self.database.url
        self.legacy = ["--legacy", self.database.url]

    def legacy_message(self, text):
        self.parley("legacy", "send", "thread-1", text, "--as", OWNER, "--to", "bob@example.org", *self.legacy)

    def test_daemons_wait_for_a_database_that_comes_later_and_what_runs_once_does_not(self):
        self.parley("migrate")
        self.parley("legacy", "init", *self.legacy)
        self.legacy_message("before")
        self.database.kill()
        node, replicate = Daemon(self, "node", "node"), Daemon(self, "replicate", "replicate")
        relay = Daemon(self, "relay", "legacy", "relay", *self.legacy)
        node.await_words("trying again in")
        for daemon in (replicate, relay):
            daemon.await_words("waiting since")
        for once in (["project", "shared", "--once"], ["replicate", "--once"], ["legacy", "relay", "--once", *self.legacy]):
            self.parley(*once, code=UNREACHABLE)
        time.sleep(3)
        for daemon in (replicate, relay):
            self.assertEqual(daemon.said().count("waiting since"), 1, "it says so at every try")
        self.database.start()
        for daemon in (replicate, relay):
            daemon.await_words("going on")
        self.await_texts("before")
        self.parley("status", "--wait", "60s")
        # The relay's lock ends with the server it is held in.
        self.database.kill()
        relay.await_words("connecting anew")
        self.database.start()
        self.legacy_message("after")
        self.await_texts("before", "after")
        self.parley("status", "--wait", "60s")
        for daemon in (node, replicate, relay):
            self.assertEqual(daemon.stop(), TERMINATED, daemon.said())

    def test_a_daemon_that_is_stopped_while_its_database_is_away_ends_as_asked(self):
        self.parley("migrate")
        daemons = [Daemon(self, "shared", "project", "shared"), Daemon(self, "replicate", "replicate")]
        daemons[0].await_words("owns")
        self.database.kill()
        daemons[0].await_words("trying again in")
        # Away since it opened its store, or before.
        daemons[1].await_words("waiting")
        for daemon in daemons:
            self.assertEqual(daemon.stop(), TERMINATED, daemon.said())

    def test_a_role_or_database_that_is_not_there_ends_a_daemon_at_once(self):
        for name in VIEWS:
            self.parley("project", name, code=NOT_ALLOWED, **{
                f"PARLEY_{name.upper()}_STORE": self.database.url.replace("/parley?", "/nowhere?")})
        self.parley("node", code=NOT_ALLOWED,
                    PARLEY_SHARED_STORE=self.database.url.replace("postgres@", "nobody@"))


if __name__ == "__main__":
    unittest.main()
