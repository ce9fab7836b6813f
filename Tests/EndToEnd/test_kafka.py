"""The executable on a real Apache Kafka: the same history gives the same views as on SQLite, lag tools see the projectors,
and a producer in Python appends what both views accept.

PARLEY      the executable; default .build/release/parley
KAFKA_HOME  the directory of the script `kafka`; without it these tests are skipped
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import uuid

from servers.database import Database, binaries
from servers.place import Place

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
SCRIPT = os.path.join(os.environ.get("KAFKA_HOME", ""), "kafka")
PRODUCER = os.path.join(ROOT, "Examples", "Python", "producer.py")
ADA, BOB = (str(uuid.UUID(int=number)) for number in (0xADA, 0xB0B))


def free_port():
    """A port whose neighbours 100 and 200 above are free, too: the script takes all three."""
    for _ in range(100):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        if port > 64_000:
            continue
        try:
            for other in (port, port + 100, port + 200):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", other))
            return port
        except OSError:
            continue
    raise RuntimeError("no free ports")


@unittest.skipUnless(os.access(SCRIPT, os.X_OK), "skipped: no real Kafka: KAFKA_HOME names no directory with a script `kafka`")
class KafkaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="parley-kafka-")
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.cluster = os.path.join(cls.directory, "kafka")
        cls.addClassCleanup(subprocess.run, [SCRIPT, "stop", "--dir", cls.cluster], capture_output=True)
        started = subprocess.run(
            [SCRIPT, "start", "--dir", cls.cluster, "--port", str(free_port()), "--heap", "320m"],
            check=True, stdout=subprocess.PIPE, text=True)
        cls.brokers = started.stdout.split()[-1]

    def setUp(self):
        self.prefix = f"test-{uuid.uuid4().hex[:8]}-"
        self.data = os.path.join(self.directory, self.prefix + "data")
        self.log = ["--log", f"kafka:{self.brokers}"]
        self.parley("topics", "create", "--partitions", "4", "--replicas", "1", *self.log)

    def parley(self, *arguments, data=None, code=0, given=None, **environment):
        done = subprocess.run(
            [PARLEY, *arguments, "--data", data or self.data], input=given, capture_output=True,
            env={**os.environ, "PARLEY_KAFKA_TOPIC_PREFIX": self.prefix, **environment})
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr.decode()[-600:]}")
        return done.stdout.decode()

    def project(self, data=None, log=()):
        for view in ("shared", "personal"):
            self.parley("project", view, "--once", *log, data=data)

    def tool(self, name, *arguments):
        return subprocess.run(
            [SCRIPT, "tool", name, "--bootstrap-server", self.brokers, *arguments], check=True, capture_output=True,
            text=True).stdout

    def test_what_was_appended_is_found_by_other_tools_and_the_lag_is_shown(self):
        history = self.parley("sample", "--seed", "3", "--commands", "4000", "--members", "40").encode()
        answer = json.loads(self.parley("append", "-", "--json", *self.log, given=history))
        self.project(log=self.log)
        ends = self.tool("get-offsets", "--topic-partitions", f"{self.prefix}.*")
        count = sum(int(line.rsplit(":", 1)[1]) for line in ends.split() if line.startswith(self.prefix))
        self.assertEqual(count, answer["appended"])
        for view in ("shared", "personal"):
            table = self.tool("consumer-groups", "--describe", "--group", f"parley.{view}")
            rows = [line.split() for line in table.splitlines() if self.prefix in line]
            self.assertTrue(rows, table)
            self.assertEqual({row[5] for row in rows}, {"0"}, table)
            for row in rows:
                self.assertEqual(row[3], row[4], table)
        lines = self.parley("log", *self.log).splitlines()
        self.assertEqual(len(lines), count)
        self.assertEqual(json.loads(self.parley("status", "--json", *self.log))["projections"][0]["gap"], 0)

    def test_the_past_is_told_and_fields_are_explained_from_a_log_on_kafka(self):
        history = self.parley("sample", "--seed", "5", "--commands", "2000", "--members", "12").encode()
        lines = history.splitlines(True)
        self.parley("append", "-", *self.log, given=b"".join(lines[:1000]))
        self.project(log=self.log)
        member = self.parley("sample", "--seed", "5", "--members", "12", "--show-member").split()[0]
        then = self.parley("mailbox", "--as", member, "--json", *self.log)
        self.parley("append", "-", *self.log, given=b"".join(lines[1000:]))
        self.project(log=self.log)
        now = self.parley("mailbox", "--as", member, "--json", *self.log)
        token = json.loads(then)["token"]
        self.assertNotEqual(now, then)
        self.assertEqual(self.parley("mailbox", "--as", member, "--json", "--as-of", token, *self.log), then)
        row = json.loads(now)["conversations"][0]
        records = {entry["position"]: entry for entry in map(json.loads, self.parley("log", *self.log).splitlines())}
        fields = [json.loads(line) for line in self.parley(
            "explain", "mailbox", row["conversation"], "--as", member, "--json", *self.log).splitlines()]
        for field in fields:
            if field["field"] not in ("title", "refused"):
                self.assertEqual(field["value"], row[field["field"]], field["field"])
            for cause in field["causes"]:
                self.assertEqual(cause["id"], records[cause["position"]]["record"]["id"])
                self.assertEqual(cause["appendTime"], records[cause["position"]]["appendTime"])
        baseline = os.path.join(self.data, "baseline")
        self.parley("baseline", "write", baseline, "--as-of", token, *self.log)
        self.parley("replay", "--view", "all", "--baseline", baseline, *self.log)

    def test_kcat_lists_reads_and_counts_every_topic(self):
        if not shutil.which("kcat"):
            self.skipTest("needs kcat")
        history = self.parley("sample", "--seed", "4", "--commands", "1000", "--members", "20").encode()
        self.parley("append", "-", *self.log, given=history)
        expected = {"conversation-commands": {}, "member-commands": {}, "legacy-writes": {}}
        for line in self.parley("log", *self.log).splitlines():
            entry = json.loads(line)
            topic, place = entry["position"].split("/")
            expected[topic][place] = str(entry["appendTime"] // 1000)
        for topic, records in expected.items():
            name = self.prefix + topic
            listed = self.kcat("-L", "-t", name)
            self.assertIn(f'topic "{name}" with 4 partitions:', listed)
            read = {}
            for line in self.kcat("-C", "-t", name, "-o", "beginning", "-e", "-q", "-f", "%p@%o %T %K\n").splitlines():
                place, time, size = line.split(" ")
                self.assertEqual(size, "16", "a key is the 16 bytes of an id")
                read[place] = time
            self.assertEqual(read, records)
            counted = self.kcat("-C", "-t", name, "-o", "beginning", "-e", "-q", "-f", ".\n").splitlines()
            self.assertEqual(len(counted), len(records))

    def kcat(self, *arguments):
        return subprocess.run(
            ["kcat", "-b", self.brokers, *arguments], check=True, capture_output=True, text=True).stdout

    @unittest.skipUnless(binaries(), "skipped: no PostgreSQL server in /usr/lib/postgresql or PARLEY_TEST_POSTGRES_BIN")
    def test_every_log_gives_the_same_dump_in_every_store_and_what_the_model_says(self):
        place = Place()
        self.addCleanup(place.close)
        database = Database(place)
        self.addCleanup(database.close)
        history = self.parley("sample", "--seed", "5", "--commands", "2500", "--members", "20").encode()
        for log in ("sqlite", "kafka"):
            data = place.path(log)
            named = {"PARLEY_LOG": f"kafka:{self.brokers}"} if log == "kafka" else {}
            self.parley("append", "-", data=data, given=history, **named)
            dumps = {}
            for store in ("sqlite", "postgres"):
                with self.subTest(log=log, store=store):
                    stores = {}
                    if store == "postgres":
                        database.make(log)
                        stores = {f"PARLEY_{view}_STORE": database.address(log) for view in ("SHARED", "PERSONAL")}
                    for view in ("shared", "personal"):
                        self.parley("project", view, "--once", data=data, **named, **stores)
                    dumps[store] = [
                        self.parley("dump", view, data=data, **named, **stores) for view in ("shared", "personal")]
                    self.compare_with_model(data, {**named, **stores})
            for view, one, other in zip(("shared", "personal"), *dumps.values()):
                self.assertTrue(one == other, f"{log}: the dumps of the {view} view differ")
                self.assertGreater(one.count("\n"), 1000)

    def compare_with_model(self, data, environment):
        compared = subprocess.run(
            [sys.executable, os.path.join(ROOT, "Tests", "Model", "compare.py"), "--parley", PARLEY, "--data", data,
             "--members", "2", "--conversations", "2", "--messages", "1", "--jobs", "4"],
            env={**os.environ, "PARLEY_KAFKA_TOPIC_PREFIX": self.prefix, **environment}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.assertEqual(compared.returncode, 0, compared.stdout.decode(errors="replace")[-4_000:])

    def test_a_producer_in_python_appends_what_both_views_accept(self):
        made = json.loads(self.parley(
            "create", "--as", ADA, "--title", "Engines", "--participant", BOB, "--json", *self.log))
        conversation = made["conversation"]
        first = json.loads(self.parley("send", conversation, "--as", ADA, "from the command line", "--json", *self.log))
        for _ in range(2):
            # The same token twice: two records, one message.
            sent = subprocess.run(
                [sys.executable, PRODUCER, "--brokers", self.brokers, "--topic-prefix", self.prefix,
                 "--keys", f"{self.data}/keys/keys.sqlite", "--master", f"{self.data}/keys/master.key",
                 "--conversation", conversation, "--as", ADA, "--token", "once", "from Python: h\u00e9llo"],
                capture_output=True, text=True)
            self.assertEqual(sent.returncode, 0, sent.stderr)
        answer = json.loads(sent.stdout)
        self.assertEqual(
            answer["position"].split("@")[0], first["position"].split("@")[0], "another partition than Parley's own")
        self.project(log=self.log)
        page = json.loads(self.parley("conversation", conversation, "--as", BOB, "--json", *self.log))
        self.assertEqual(
            [message["content"]["text"] for message in page["messages"]],
            ["from the command line", "from Python: h\u00e9llo"])
        self.assertEqual(page["messages"][1]["message"], answer["message"])
        unread = self.parley("unread", "--as", BOB, "--json", *self.log).splitlines()
        self.assertEqual(json.loads(unread[0])["unread"], 2)
        self.assertEqual(
            [line for line in self.parley("rejections", "--json", *self.log).splitlines() if "reason" in line], [])

    def test_kcat_appends_what_both_views_accept(self):
        if not shutil.which("kcat"):
            self.skipTest("needs kcat")
        conversation = json.loads(self.parley(
            "create", "--as", ADA, "--title", "Engines", "--participant", BOB, "--json", *self.log))["conversation"]
        first = json.loads(self.parley("send", conversation, "--as", ADA, "by hand", "--json", *self.log))
        path = os.path.join(self.directory, self.prefix + "record")
        written = subprocess.run(
            [sys.executable, PRODUCER, "--write", path, "--keys", f"{self.data}/keys/keys.sqlite", "--master",
             f"{self.data}/keys/master.key", "--conversation", conversation, "--as", ADA, "from kcat"],
            capture_output=True, text=True)
        self.assertEqual(written.returncode, 0, written.stderr)
        self.kcat("-P", "-t", self.prefix + "conversation-commands", "-X", "acks=all", "-X", "enable.idempotence=true", "-X",
                  "partitioner=murmur2_random", "-K", "<parley-key>", "-D", "<parley-end>", "-l", path)
        last = json.loads(self.parley("log", *self.log).splitlines()[-1])
        self.assertEqual(
            last["position"].split("@")[0], first["position"].split("@")[0], "another partition than Parley's own")
        self.project(log=self.log)
        page = json.loads(self.parley("conversation", conversation, "--as", BOB, "--json", *self.log))
        self.assertEqual([message["content"]["text"] for message in page["messages"]], ["by hand", "from kcat"])
        self.assertEqual(page["messages"][1]["message"], json.loads(written.stdout)["message"])
        unread = json.loads(self.parley("unread", "--as", BOB, "--json", *self.log).splitlines()[0])
        self.assertEqual(unread["unread"], 2)

    def test_other_topics_than_those_of_the_first_opening_are_refused(self):
        self.parley("create", "--as", ADA, "--title", "Engines", *self.log)
        self.prefix += "b-"
        self.parley("topics", "create", "--partitions", "2", "--replicas", "1", *self.log)
        self.parley("status", *self.log, code=78)

    def test_a_topic_that_would_lose_records_is_refused_by_name(self):
        topic = f"{self.prefix}member-commands"
        self.tool("configs", "--alter", "--entity-type", "topics", "--entity-name", topic, "--add-config",
                  "retention.ms=1000")
        found = [json.loads(line) for line in self.parley("topics", "check", "--json", *self.log, code=1).splitlines()]
        self.assertEqual([one["setting"] for one in found if one["refused"]], ["retention.ms"])
        self.parley("status", *self.log, code=78)

    def test_a_broker_that_makes_missing_topics_by_itself_is_warned_about_by_name(self):
        check = ["topics", "check", "--json", *self.log]
        found = [json.loads(line) for line in self.parley(*check).splitlines()]
        self.assertEqual([one for one in found if one["setting"] == "auto.create.topics.enable"], [])
        cluster = os.path.join(self.directory, "creating")
        self.addCleanup(subprocess.run, [SCRIPT, "stop", "--dir", cluster], capture_output=True)
        started = subprocess.run(
            [SCRIPT, "start", "--dir", cluster, "--port", str(free_port()), "--heap", "256m", "--set",
             "auto.create.topics.enable=true"], check=True, stdout=subprocess.PIPE, text=True)
        log = ["--log", f"kafka:{started.stdout.split()[-1]}"]
        self.parley("topics", "create", "--partitions", "1", "--replicas", "1", *log)
        found = [json.loads(line) for line in self.parley("topics", "check", "--json", *log).splitlines()]
        warned = [one for one in found if one["setting"] == "auto.create.topics.enable"]
        self.assertEqual([(one["topic"], one["broker"], one["value"], one["refused"]) for one in warned],
                         [(None, 1, "true", False)])


if __name__ == "__main__":
    unittest.main()
