"""What daemons tell Prometheus, and the alarms over it: every figure that an alarm names is told by some daemon, every alarm
has its page, and every page its alarm.

PARLEY      the executable; default .build/release/parley
KAFKA_HOME  the directory of the script `kafka`; without it the figures of Kafka's clients are not asked for
"""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest
import uuid

from test_kafka import SCRIPT, free_port

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
DEPLOY = os.path.join(ROOT, "Deploy")
ADA, BOB = (str(uuid.UUID(int=number)) for number in (0xADA, 0xB0B))

LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*"'
SAMPLE = re.compile(
    rf'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{({LABEL}(?:,{LABEL})*)\}})? (NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)')


class Exposition:
    """A text of figures, every line of which is understood."""

    def __init__(self, text):
        self.samples, self.types = {}, {}
        helped = None
        assert text.endswith("\n"), text[-100:]
        for line in text.split("\n")[:-1]:
            if line.startswith("# HELP "):
                helped = line.split(" ")[2]
                assert helped not in self.types, f"{helped} twice"
            elif line.startswith("# TYPE "):
                name, kind = line.split(" ")[2:]
                assert name == helped and kind in ("gauge", "counter"), line
                assert (kind == "counter") == name.endswith("_total"), line
                self.types[name] = kind
            else:
                found = SAMPLE.fullmatch(line)
                assert found, line
                name, labels, value = found.groups()
                assert name in self.types, f"no type: {line}"
                key = name, labels or ""
                assert key not in self.samples, f"twice: {line}"
                self.samples[key] = float(value)

    def value(self, name, **labels):
        wanted = {f'{key}="{value}"' for key, value in labels.items()}
        found = [value for (key, text), value in self.samples.items()
                 if key == name and wanted <= set(re.findall(LABEL, text))]
        assert found, f"no {name} of {labels}"
        return sum(found)


class Daemon:
    """A daemon that serves its figures on a port that the system chose."""

    def __init__(self, test, *arguments, environment=None):
        self.process = subprocess.Popen(
            [PARLEY, *arguments, "--metrics", "127.0.0.1:0"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, env={**os.environ, **(environment or {})})
        test.addCleanup(self.process.stderr.close)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"metrics: http://127\.0\.0\.1:(\d+)/metrics", line)
            if found:
                self.port = int(found.group(1))
                return
        raise AssertionError(f"{arguments}: no figures: {self.said}")

    def ask(self, method="GET", path="/metrics"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type"), answer.read().decode()
        finally:
            connection.close()

    def figures(self):
        status, kind, text = self.ask()
        assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8"), (status, kind)
        return Exposition(text)

    def figures_when(self, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            figures = self.figures()
            if condition(figures):
                return figures
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {figures.samples}")
            time.sleep(0.2)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 143, self.process.returncode


def rules():
    """The alarms as (name, expression, page); enough of YAML for how this file is written."""
    found = []
    with open(os.path.join(DEPLOY, "alerts.yml")) as file:
        for text in re.split(r"\n\s+- alert: ", file.read())[1:]:
            name = text.split("\n", 1)[0].strip()
            expression = re.search(r"expr: (.*?)\n\s+(?:for|labels):", text, re.S).group(1)
            found.append((name, expression, re.search(r"runbook_url: (\S+)", text).group(1)))
    return found


class Metrics(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="parley-metrics-")
        self.addCleanup(self.directory.cleanup)
        self.data = os.path.join(self.directory.name, "data")

    def parley(self, *arguments, environment=None, code=0):
        done = subprocess.run(
            [PARLEY, *arguments, "--data", self.data], capture_output=True, text=True, timeout=120,
            env={**os.environ, **(environment or {})})
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stderr[-1000:]}")
        return done.stdout

    def daemon(self, *arguments, environment=None):
        return Daemon(self, *arguments, "--data", self.data, environment=environment)

    def replicated(self):
        """A legacy mailbox of three threads, one of them poisoned for the replicator by its form."""
        self.parley("legacy", "init")
        for thread in ("one", "two"):
            self.parley("legacy", "send", thread, "hello", "--as", "ada", "--to", "bob")
        self.parley("legacy", "relay", "--once")
        lines = os.path.join(self.directory.name, "lines")
        with open(lines, "w") as file:
            file.write(json.dumps({"key": "three", "value": '{"format":1,"row":"thread","thread":"three"}'}) + "\n")
        self.parley("legacy", "append", lines)

    def every_figure(self):
        """What all daemons tell, together."""
        self.replicated()
        self.parley("legacy", "send", "one", "again", "--as", "bob", "--key", "k")
        told = []
        for arguments in (["legacy", "relay"], ["replicate"], ["node"]):
            daemon = self.daemon(*arguments)
            told.append(daemon.figures())
            daemon.stop()
        file = os.path.join(self.directory.name, "audit.prom")
        self.parley("replicate", "audit", "--metrics-file", file)
        with open(file) as text:
            told.append(Exposition(text.read()))
        return told

    def test_what_a_node_tells_is_what_status_says(self):
        self.parley("send", "--as", ADA, "--to", BOB, "hello")
        node = self.daemon("node")
        gap = "parley_projection_gap_records"
        figures = node.figures_when(lambda now: now.value("parley_projector_records_total", outcome="accepted") >= 2
                                    and now.value(gap) == 0)
        for row in json.loads(self.parley("status", "--json"))["projections"]:
            place = {"projection": row["projection"], "topic": row["topic"], "partition": row["partition"]}
            for name, key in (("position", "position"), (gap[18:], "gap"), ("epoch", "epoch"),
                              ("parked_records", "parked"), ("rejected_records", "rejected"),
                              ("orphaned_records", "orphaned")):
                self.assertEqual(figures.value(f"parley_projection_{name}", **place), row[key], (name, place))
            self.assertEqual(figures.value("parley_projection_log_end", **place), row["position"] + row["gap"])
            self.assertEqual(figures.value("parley_projection_owned", **place), 1)
            figures.value("parley_projection_owner_info", **place, owner=row["owner"])
        self.assertGreater(figures.value("parley_projector_batches_total", projection="shared"), 0)
        self.assertGreater(figures.value("process_resident_memory_bytes"), 1 << 20)
        self.assertEqual(figures.value("parley_info", command="node"), 1)
        node.stop()

    def test_a_projector_tells_of_its_own_view_alone(self):
        self.parley("send", "--as", ADA, "--to", BOB, "hello")
        daemon = self.daemon("project", "personal")
        figures = daemon.figures_when(lambda now: now.value("parley_projection_gap_records") == 0)
        views = {re.search('projection="(.*?)"', labels).group(1) for _, labels in figures.samples
                 if "projection=" in labels}
        self.assertEqual(views, {"personal"})
        self.assertFalse(os.path.exists(os.path.join(self.data, "views", "shared.sqlite")))
        daemon.stop()

    def test_what_a_replicator_tells_is_what_lanes_status_says(self):
        self.replicated()
        replicator = self.daemon("replicate")
        figures = replicator.figures_when(
            lambda now: now.value("parley_replication_lanes", state="dead") == 1
            and now.value("parley_replication_applied_total") >= 8)
        time.sleep(0.5)
        figures = replicator.figures()
        status = json.loads(self.parley("lanes", "status", "--json"))
        self.assertEqual(status["lanesDead"], 1)
        for name, key in (("gap_records", "gap"), ("parked_records", "parked"), ("read_total", "read"),
                          ("applied_total", "applied"), ("commands_total", "commands"), ("running", "running"),
                          ("version_conflicts", "versionConflicts")):
            self.assertEqual(figures.value(f"parley_replication_{name}"), status[key], name)
        for kind in ("transient", "permanent", "unknown"):
            self.assertEqual(
                figures.value("parley_replication_failures_total", **{"class": kind}),
                status[f"failures{kind.capitalize()}"])
        for entry in status["converters"]:
            self.assertEqual(
                figures.value("parley_replication_converter_commands_total", converter=entry["converter"]),
                entry["commands"])
        self.assertEqual(figures.value("parley_replication_intake", state="open"), 1)
        self.assertEqual(figures.value("parley_replication_intake"), 1)
        self.assertGreaterEqual(figures.value("parley_replication_oldest_unapplied_seconds"), 0)
        replicator.stop()

    def test_version_conflicts_are_those_of_the_replicators_commands(self):
        self.replicated()
        self.parley("replicate", "--once")
        self.parley("project", "shared", "--once")
        with contextlib.closing(sqlite3.connect(os.path.join(self.data, "views", "shared.sqlite"))) as view:
            # Reason 10 is versionConflict, 5 notAllowed; commands of version 8 are the replicator's.
            for offset, (version, reason) in enumerate([(8, 10), (8, 10), (7, 10), (8, 5)]):
                command = uuid.uuid4().hex
                command = bytes.fromhex(f"{command[:12]}{version}{command[13:]}")
                view.execute(
                    "INSERT INTO rejection (partition, record_offset, conversation, command, ord, actor, name, reason)"
                    " VALUES (0, ?, ?, ?, 1, ?, 'edit', ?)", (900 + offset, command, command, command, reason))
            view.commit()
        self.assertEqual(json.loads(self.parley("lanes", "status", "--json"))["versionConflicts"], 2)

    def test_the_relay_tells_what_waits(self):
        self.replicated()
        self.parley("legacy", "send", "one", "again", "--as", "bob")
        absent = os.path.join(self.directory.name, "log-is-away")
        open(absent, "w").close()
        relay = self.daemon("legacy", "relay", environment={"PARLEY_TEST_REPLICATION_FAULTS": f"log={absent}"})
        figures = relay.figures_when(lambda now: now.value("parley_relay_failures_total") > 0)
        self.assertGreater(figures.value("parley_relay_outbox_entries"), 0)
        self.assertGreater(figures.value("parley_relay_outbox_oldest_seconds"), 0)
        os.unlink(absent)
        figures = relay.figures_when(lambda now: now.value("parley_relay_outbox_entries") == 0)
        self.assertEqual(figures.value("parley_relay_outbox_oldest_seconds"), 0)
        relay.stop()

    def test_a_view_that_cannot_be_read_leaves_its_figures_out_and_says_so(self):
        self.replicated()
        replicator = self.daemon("replicate", "--shared-store", "postgres://parley@127.0.0.1:1/none")
        figures = replicator.figures()
        self.assertEqual(figures.value("parley_collector_up", collector="version-conflicts"), 0)
        self.assertEqual(figures.value("parley_collector_up", collector="replication"), 1)
        self.assertNotIn("parley_replication_version_conflicts", figures.types)
        replicator.stop()

    def test_only_figures_are_served_and_nobody_holds_the_daemon(self):
        node = self.daemon("node")
        self.assertEqual(node.ask(path="/")[0], 404)
        self.assertEqual(node.ask(path="/metrics/../status")[0], 404)
        self.assertEqual(node.ask(method="POST")[0], 405)
        status, _, text = node.ask(method="HEAD")
        self.assertEqual((status, text), (200, ""))
        self.assertEqual(node.ask(path="/metrics?" + "x" * 20_000)[0], 431)
        idle = [socket.create_connection(("127.0.0.1", node.port)) for _ in range(100)]
        for client in idle:
            self.addCleanup(client.close)
        node.figures()
        node.stop()

    def test_an_address_in_use_ends_a_daemon_at_once(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            self.parley("node", "--metrics", "127.0.0.1:%d" % taken.getsockname()[1], code=73)
        self.parley("node", "--metrics", "nothing", code=64)

    def test_a_configuration_file_may_name_them(self):
        path = os.path.join(self.directory.name, "parley.conf")
        file = os.path.join(self.directory.name, "parley.prom")
        with open(path, "w") as configuration:
            configuration.write(f"metrics-file = {file}\n")
        self.parley("project", "shared", "--once", "--config", path)
        with open(file) as text:
            self.assertEqual(Exposition(text.read()).value("parley_info", command="project"), 1)
        self.assertEqual(os.listdir(self.directory.name).count("parley.prom"), 1)
        self.assertEqual([name for name in os.listdir(self.directory.name) if "partial" in name], [])
        self.parley("mailbox", "--as", ADA, "--config", path)

    def test_every_figure_of_an_alarm_is_told_and_every_alarm_has_its_page(self):
        alarms = rules()
        self.assertGreater(len(alarms), 10)
        told = {name for figures in self.every_figure() for name in figures.types} | self.of_kafka()
        named, pages = set(), set()
        for name, expression, page in alarms:
            figures = set(re.findall(r"\b(?:parley|process)_[a-z0-9_]+", expression))
            self.assertTrue(figures, name)
            named |= figures
            self.assertRegex(page, r"^Deploy/alarms/[a-z-]+\.md$", name)
            self.assertTrue(os.path.isfile(os.path.join(ROOT, page)), f"{name}: no page {page}")
            pages.add(os.path.basename(page))
        if not self.has_kafka:
            named = {name for name in named if not name.startswith("parley_kafka_")}
        self.assertEqual(named - told, set(), "alarms name figures that nobody tells")
        self.assertEqual(set(os.listdir(os.path.join(DEPLOY, "alarms"))) - pages, {"README.md"})
        with open(os.path.join(DEPLOY, "alarms", "README.md")) as file:
            index = file.read()
        for name, _, page in alarms:
            self.assertIn(f"`{name}`", index)
            self.assertIn(f"({os.path.basename(page)})", index)

    has_kafka = os.access(SCRIPT, os.X_OK)

    def of_kafka(self):
        if not self.has_kafka:
            return set()
        cluster = os.path.join(self.directory.name, "kafka")
        self.addCleanup(subprocess.run, [SCRIPT, "stop", "--dir", cluster], capture_output=True)
        started = subprocess.run(
            [SCRIPT, "start", "--dir", cluster, "--port", str(free_port()), "--heap", "320m"], check=True,
            stdout=subprocess.PIPE, text=True)
        self.data += "-kafka"
        log = ["--log", f"kafka:{started.stdout.split()[-1]}"]
        self.parley("topics", "create", "--partitions", "1", "--replicas", "1", *log)
        self.parley("send", "--as", ADA, "--to", BOB, "hello", *log)
        node = self.daemon("node", *log, environment={"PARLEY_KAFKA_STATISTICS_INTERVAL_MS": "200"})
        figures = node.figures_when(lambda now: any(name == "parley_kafka_broker_up" for name, _ in now.samples))
        self.assertEqual(figures.value("parley_kafka_broker_up"), 1)
        node.stop()
        return set(figures.types)


if __name__ == "__main__":
    unittest.main()
