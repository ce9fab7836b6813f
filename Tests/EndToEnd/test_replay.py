"""Rebuilding views with the real executable: beside running projectors, killed at random points, with planted differences.

PARLEY               the executable; default .build/release/parley
PARLEY_REPLAY_KILLS  how often a rebuild is killed in each kind of store; default 20
PARLEY_SEED          of the delays; printed, default random
"""

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

from servers.database import Database, binaries
from servers.place import Place

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
KILLS = int(os.environ.get("PARLEY_REPLAY_KILLS", "20"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 32)))
VIEWS = ("shared", "personal")


class ReplayInAnyStore:
    """What is the same wherever the views are."""

    # Options that say where.
    stores = ()

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="parley-replay-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.data = os.path.join(self.directory, "data")
        self.processes = []
        self.addCleanup(self.end_processes)

    def end_processes(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def run_parley(self, *arguments, code=0):
        result = subprocess.run(
            [PARLEY, "--data", self.data, *self.stores, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            timeout=300)
        self.complaint = result.stderr.decode()
        self.assertEqual(result.returncode, code, f"{arguments}: {result.stderr.decode()}{result.stdout.decode()[:2000]}")
        return result.stdout

    def lines(self, *arguments, code=0):
        return [json.loads(line) for line in self.run_parley(*arguments, "--json", code=code).splitlines()]

    def start(self, *arguments):
        process = subprocess.Popen(
            [PARLEY, "--data", self.data, *self.stores, *arguments], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def sample(self, seed, commands):
        path = os.path.join(self.directory, f"{seed}.jsonl")
        with open(path, "wb") as file:
            subprocess.run(
                [PARLEY, "sample", "--seed", str(seed), "--commands", str(commands), "--members", "60"], check=True,
                stdout=file, stderr=subprocess.DEVNULL)
        return path

    def dumps(self):
        return {view: self.run_parley("dump", view) for view in VIEWS}

    def generations(self):
        """The active generation of each view."""
        status = self.lines("status")[0]
        return {row["projection"]: row["generation"] for row in status["projections"]}

    def test_a_rebuild_beside_running_projectors_and_appends_is_equal_and_takes_over(self):
        self.run_parley("append", self.sample(1, 6000))
        self.start("node")
        self.run_parley("status", "--wait", "60s")
        appender = self.start("append", self.sample(2, 6000))
        answers = self.lines("replay", "--view", "all")
        self.assertEqual([answer["outcome"] for answer in answers], ["swapped", "swapped"])
        self.assertTrue(all(answer["equal"] for answer in answers))
        self.assertEqual(appender.wait(timeout=120), 0)
        self.run_parley("status", "--wait", "60s")
        self.assertEqual(self.generations(), {"shared": 2, "personal": 2})
        before = self.dumps()
        states = [row["state"] for row in self.lines("status")[0]["generations"]]
        self.assertEqual(states.count("active"), 2)
        self.assertGreater(len(states), 2)
        self.assertEqual([answer["outcome"] for answer in self.lines("verify-view", "--view", "all")], ["equal", "equal"])
        self.assertEqual([line["removed"] for line in self.lines("replay", "prune", "--view", "all")], [[1], [1]])
        self.assertEqual(self.dumps(), before)
        self.assertNotIn("generations", self.lines("status")[0])

    def test_what_was_changed_by_hand_is_shown_without_content_and_stays_until_a_reason_is_given(self):
        self.run_parley("append", self.sample(3, 3000))
        for view in VIEWS:
            self.run_parley("project", view, "--once")
        right = self.dumps()
        self.change(
            "shared", "UPDATE message SET content = 'planted' WHERE (conversation, ord, message) IN "
            "(SELECT conversation, ord, message FROM message WHERE content IS NOT NULL LIMIT 1)")
        self.change("shared", "DELETE FROM judged WHERE (conversation, command) IN (SELECT * FROM judged LIMIT 1)")
        self.change("personal", "UPDATE member SET conversation_count = conversation_count + 1 "
                    "WHERE member = (SELECT member FROM member ORDER BY member LIMIT 1)")
        found = self.lines("verify-view", "--view", "all", code=1)
        differences = [line for line in found if "difference" in line]
        self.assertEqual(
            sorted((d["view"], d["table"], d["difference"], [f["field"] for f in d["fields"]]) for d in differences),
            [("personal", "member", "changed", ["conversation_count"]), ("shared", "judged", "missing", []),
             ("shared", "message", "changed", ["content"])])
        self.assertNotIn("planted", json.dumps(found))
        self.assertEqual(self.lines("replay", "--view", "shared", code=1)[-1]["outcome"], "differs")
        self.assertEqual(self.generations()["shared"], 1)
        answer = self.lines("replay", "--view", "all", "--accept", "changed by hand")[-1]
        self.assertEqual((answer["outcome"], answer["accepted"]), ("swapped", "changed by hand"))
        self.assertEqual(self.dumps(), right)

    def test_a_rebuild_killed_at_any_point_leaves_a_right_view_and_goes_on(self):
        print(f"PARLEY_SEED={SEED}", file=sys.stderr)
        dice = random.Random(SEED)
        self.run_parley("append", self.sample(4, 8000))
        for view in VIEWS:
            self.run_parley("project", view, "--once")
        right = self.dumps()
        started = time.monotonic()
        self.run_parley("replay", "--view", "all")
        whole = time.monotonic() - started
        for _ in range(KILLS):
            arguments = dice.choice([
                ("replay", "--view", "all"), ("replay", "--view", "all", "--record-by-record"),
                ("replay", "prune", "--view", "all"), ("verify-view", "--view", "all")])
            process = self.start(*arguments)
            time.sleep(dice.uniform(0, whole if arguments[1] != "prune" else whole / 50))
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.assertEqual(self.dumps(), right, f"after {arguments}")
        answers = self.lines("replay", "--view", "all")
        self.assertEqual([answer["equal"] for answer in answers], [True, True])
        self.assertEqual(self.dumps(), right)
        self.run_parley("replay", "prune", "--view", "all")
        self.check_left_overs()


    def test_a_bulk_loading_killed_half_way_is_begun_anew_record_by_record_and_from_a_baseline(self):
        self.run_parley("append", self.sample(6, 12000))
        for view in VIEWS:
            self.run_parley("project", view, "--once")
        right = self.dumps()
        baseline = os.path.join(self.directory, "baseline")
        self.run_parley("baseline", "write", baseline)
        for way in (("--record-by-record",), ("--baseline", baseline)):
            for view in VIEWS:
                structure = self.structure(view, self.generations()[view])
                loaded = self.kill_half_way(view)
                self.assertNotEqual(self.structure(view, loaded), structure)
                answer = self.lines("replay", "--view", view, *way)[-1]
                self.assertIn("begun anew", self.complaint)
                self.assertEqual((answer["outcome"], answer["generation"]), ("swapped", loaded))
                self.assertEqual(self.structure(view, loaded), structure)
            self.assertEqual(self.dumps(), right)

    def kill_half_way(self, view):
        """Kills a bulk loading that goes slowly once some of it is in. Returns its generation."""
        process = self.start("replay", "--view", view, "--memory", "16", "--rate", "4000")
        end = time.monotonic() + 60
        while not (number := self.loading(view)):
            self.assertIsNone(process.poll(), "the rebuild ended before it was killed")
            self.assertLess(time.monotonic(), end, "no page was loaded")
            time.sleep(0.05)
        process.kill()
        process.wait()
        self.assertEqual(self.loading(view), number)
        return number


class Replay(ReplayInAnyStore, unittest.TestCase):
    def view_file(self, view):
        path = os.path.join(self.data, "views", f"{view}.sqlite")
        try:
            with open(path + ".active") as file:
                return f"{path}.g{int(file.read())}"
        except FileNotFoundError:
            return path

    def change(self, view, statement):
        with sqlite3.connect(self.view_file(view)) as connection:
            connection.execute(statement.replace("'planted'", "CAST('planted' AS BLOB)"))

    def loading(self, view):
        """The generation that is being loaded in bulk and has a page, else None."""
        number = self.generations()[view] + 1
        path = os.path.join(self.data, "views", f"{view}.sqlite.g{number}")
        try:
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as connection:
                pages = connection.execute(
                    "SELECT next_offset FROM position, generation_bulk WHERE topic = 2").fetchone()
                return number if pages and pages[0] > 0 else None
        except sqlite3.OperationalError:
            return None

    def structure(self, view, number):
        path = os.path.join(self.data, "views", f"{view}.sqlite" + (f".g{number}" if number > 1 else ""))
        with contextlib.closing(sqlite3.connect(path)) as connection:
            return sorted(connection.execute(
                "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'generation%'"), key=str)

    def check_left_overs(self):
        left = sorted(os.listdir(os.path.join(self.data, "views")))
        self.assertEqual([name for name in left if "bucket" in name or "work" in name], [])

    def test_a_full_disk_leaves_the_live_view_alone_says_how_much_is_needed_and_with_room_it_goes_on(self):
        views = os.path.join(self.data, "views")
        os.makedirs(views)
        if os.geteuid() != 0 or mount("-t", "tmpfs", "-o", "size=1g", "tmpfs", views) != 0:
            self.skipTest("needs root and mount: the disk of the views is made small")
        self.addCleanup(subprocess.run, ["umount", "-l", views])
        self.run_parley("append", self.sample(5, 8000))
        for view in VIEWS:
            self.run_parley("project", view, "--once")
        right = self.dumps()
        used = shutil.disk_usage(views).used
        for share in (10, 3):
            self.assertEqual(mount("-o", f"remount,size={(used + used // share) // 1024}k", views), 0)
            self.run_parley("replay", "--view", "shared", code=74)
            self.assertRegex(self.complaint, r"no space left for generation 2 .* needs about \d+ bytes, \d+ of them "
                             r"written; \d+ are free")
            self.assertEqual(self.dumps(), right)
        self.assertEqual(mount("-o", "remount,size=1g", views), 0)
        self.assertEqual([answer["equal"] for answer in self.lines("replay", "--view", "all")], [True, True])
        self.assertEqual(self.dumps(), right)


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True).returncode


@unittest.skipUnless(binaries(), "skipped: no PostgreSQL server in /usr/lib/postgresql or PARLEY_TEST_POSTGRES_BIN")
class ReplayInPostgres(ReplayInAnyStore, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.close)
        cls.database = Database(cls.place)
        cls.addClassCleanup(cls.database.close)

    def setUp(self):
        super().setUp()
        ReplayInPostgres.number = getattr(ReplayInPostgres, "number", 0) + 1
        self.name = f"test_{self.number}"
        self.database.make(self.name)
        url = f"postgres://postgres@/{self.name}?host={self.database.directory}&port={self.database.port}"
        self.stores = ("--shared-store", url, "--personal-store", url)

    def change(self, view, statement):
        number = self.generations()[view]
        schema = f"parley_{view}" + (f"_g{number}" if number > 1 else "")
        self.database.query(f"SET search_path = {schema}", statement, database=self.name)

    def loading(self, view):
        """The generation that is being loaded in bulk and has a page, else None."""
        number = self.generations()[view] + 1
        schema = f"parley_{view}_g{number}"
        there = self.database.query(
            f"SELECT to_regclass('{schema}.generation_bulk'), to_regclass('{schema}.position')", database=self.name)
        if "" in there[0]:
            return None
        pages = self.database.query(
            f"SELECT next_offset FROM {schema}.position WHERE topic = 2 AND next_offset > 0", database=self.name)
        return number if pages else None

    def structure(self, view, number):
        schema = f"parley_{view}" + (f"_g{number}" if number > 1 else "")
        return sorted(self.database.query(
            f"SELECT replace(indexdef, '{schema}.', '') FROM pg_indexes WHERE schemaname = '{schema}' "
            "AND tablename NOT LIKE 'generation%' UNION ALL SELECT conname || pg_get_constraintdef(k.oid) "
            "FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid "
            f"WHERE k.connamespace = '{schema}'::regnamespace AND t.relname NOT LIKE 'generation%'",
            database=self.name))

    def check_left_overs(self):
        left = self.database.query(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'parley%' ORDER BY 1", database=self.name)
        active = self.generations()
        self.assertEqual([name for name, in left], sorted(
            {"parley_shared", "parley_personal"} | {f"parley_{view}_g{active[view]}" for view in VIEWS}))

    def test_a_full_disk_leaves_the_live_view_alone_says_how_much_is_needed_and_with_room_it_goes_on(self):
        if not self.database.has_disk:
            self.skipTest("needs root and mount: the server's disk is made small")
        self.run_parley("append", self.sample(5, 8000))
        for view in VIEWS:
            self.run_parley("project", view, "--once")
        right = self.dumps()
        self.database.fill()
        self.run_parley("replay", "--view", "shared", code=74)
        self.assertRegex(self.complaint, r"no space left for generation 2 .* needs about \d+ bytes, \d+ of them written")
        self.assertEqual(self.dumps(), right)
        self.database.make_room()
        self.assertEqual([answer["equal"] for answer in self.lines("replay", "--view", "all")], [True, True])
        self.assertEqual(self.dumps(), right)


if __name__ == "__main__":
    unittest.main()
