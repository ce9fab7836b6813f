"""What goes wrong on a machine, on real processes: each is a clear error with its exit code, or a recovery; nothing is lost.

PARLEY       the executable; default .build/release/parley

The disk of its own, the member without rights and the false clock need root, `unshare` and `faketime`; without them those
tests are skipped and say so.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
NOBODY = 65534
SOMEBODY = "00000000-0000-4000-8000-000000000001"
OWN_MOUNTS = ("unshare", "--mount", "--propagation", "unchanged")
VIEWS = ("shared", "personal")


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.mkdtemp(prefix="parley-faults-")
        cls.sample = os.path.join(cls.place, "sample.jsonl")
        with open(cls.sample, "wb") as file:
            subprocess.run([PARLEY, "sample", "--commands", "3000", "--members", "30"], check=True, stdout=file,
                           stderr=subprocess.DEVNULL)
        with open(cls.sample, "rb") as file:
            cls.member = json.loads(file.readline())["actor"]
        cls.whole = os.path.join(cls.place, "whole")
        for arguments in (["append", cls.sample], ["project", "shared", "--once"], ["project", "personal", "--once"]):
            subprocess.run([PARLEY, "--data", cls.whole, *arguments], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.place)

    def setUp(self):
        self.directory = tempfile.mkdtemp(dir=self.place)
        self.data = os.path.join(self.directory, "data")
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stderr.close()

    def copy(self):
        shutil.copytree(self.whole, self.data)

    def parley(self, *arguments, data=None, before=()):
        return subprocess.run([*before, PARLEY, "--data", data or self.data, *arguments], capture_output=True)

    def start(self, *arguments):
        process = subprocess.Popen([PARLEY, "--data", self.data, *arguments], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.processes.append(process)
        return process

    def fails(self, code, words, *arguments, **options):
        """The command ends with `code`, says each of `words` on standard error, and prints nothing."""
        done = self.parley(*arguments, **options)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, code, said)
        self.assertEqual(done.stdout, b"")
        for word in words:
            self.assertIn(word, said)
        return said

    def works(self, *arguments, **options):
        done = self.parley(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def dumps(self, data=None):
        return [self.works("dump", view, data=data) for view in VIEWS]

    def ends(self):
        status = json.loads(self.works("status", "--json"))
        return sum(partition["end"] for partition in status["log"])

    def change(self, path, places):
        path = os.path.join(self.data, path)
        with open(path, "r+b") as file:
            for place in places:
                file.seek(place)
                byte = file.read(1)
                file.seek(place)
                file.write(bytes([byte[0] ^ 0xFF]))

    # Keys.

    def test_without_the_master_key_nothing_is_sealed_and_the_file_is_named(self):
        self.copy()
        before = self.ends()
        key = os.path.join(self.data, "keys", "master.key")
        kept = os.path.join(self.directory, "kept.key")
        shutil.move(key, kept)
        self.fails(78, ["master.key"], "append", self.sample)
        self.fails(78, ["master.key"], "mailbox", "--as", self.member)
        self.assertFalse(os.path.exists(key), "a new key was made over data of another")
        shutil.move(kept, key)
        self.assertEqual(self.ends(), before)
        self.works("mailbox", "--as", self.member)

    def test_another_master_key_opens_nothing(self):
        self.copy()
        before = self.ends()
        key = os.path.join(self.data, "keys", "master.key")
        with open(key, "w") as file:
            file.write("7" * 64 + "\n")
        self.fails(78, ["master key"], "append", self.sample)
        self.fails(78, ["master key"], "mailbox", "--as", self.member)
        self.fails(78, ["master key"], "log", "--open")
        self.assertEqual(self.ends(), before)

    def test_a_key_file_that_others_may_read_is_refused(self):
        self.copy()
        os.chmod(os.path.join(self.data, "keys", "master.key"), 0o644)
        self.fails(77, ["master.key", "chmod 600"], "append", self.sample)

    # Files.

    def test_a_damaged_log_is_named_and_never_served_nor_projected(self):
        self.copy()
        size = os.path.getsize(os.path.join(self.data, "log", "log.sqlite"))
        self.change("log/log.sqlite", [size // 2])
        done = self.parley("log")
        self.assertEqual(done.returncode, 74)
        self.assertRegex(done.stderr.decode(), r"log\.sqlite.*(checksum|damaged)")
        whole = self.works("log", data=self.whole)
        served = done.stdout[: done.stdout.rfind(b"\n") + 1]
        self.assertTrue(whole.startswith(served), "what is served is not what was appended")
        for view in VIEWS:
            os.remove(os.path.join(self.data, "views", view + ".sqlite"))
        self.fails(74, ["log.sqlite"], "project", "shared", "--once")

    def test_a_cut_log_is_named(self):
        self.copy()
        os.truncate(os.path.join(self.data, "log", "log.sqlite"), 300_000)
        self.fails(74, ["log.sqlite"], "log")
        self.fails(74, ["log.sqlite"], "append", self.sample)
        self.fails(74, ["log.sqlite"], "node")

    def test_a_damaged_view_is_named_and_comes_back_from_the_log(self):
        for view in VIEWS:
            with self.subTest(view):
                shutil.rmtree(self.data, ignore_errors=True)
                self.copy()
                self.works("append", self.sample)
                file = os.path.join(self.data, "views", view + ".sqlite")
                self.change(f"views/{view}.sqlite", range(0, os.path.getsize(file), 512))
                self.fails(74, [file, "damaged", "move the file away"], "project", view, "--once")
                os.remove(file)
                self.works("project", view, "--once")
        for view in VIEWS:
            self.works("project", view, "--once")
        fresh = os.path.join(self.directory, "fresh")
        shutil.copytree(self.data, fresh)
        shutil.rmtree(os.path.join(fresh, "views"))
        for view in VIEWS:
            self.works("project", view, "--once", data=fresh)
        self.assertEqual(self.dumps(), self.dumps(fresh))

    def test_a_directory_that_may_not_be_written_is_named(self):
        if os.geteuid() != 0 or not shutil.which("setpriv"):
            self.skipTest("needs root and setpriv: run as root to try a member without rights")
        self.copy()
        for path in (self.place, self.directory):
            os.chmod(path, 0o755)
        nobody = ("setpriv", f"--reuid={NOBODY}", "--clear-groups")
        for arguments in (["append", self.sample], ["node"], ["project", "shared", "--once"]):
            self.fails(77, [self.data, "ermission"], *arguments, before=nobody)
        self.fails(73, ["cannot create", "ermission"], "append", self.sample, before=nobody,
                   data=os.path.join(self.directory, "new"))

    def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_room(self):
        if os.geteuid() != 0 or subprocess.run([*OWN_MOUNTS, "true"], capture_output=True).returncode != 0:
            self.skipTest("needs root and unshare: a file system of its own is filled")
        script = """
            set -u
            mount -t tmpfs -o size=1m tmpfs "$1" || exit 99
            run() { "$2" --data "$1/data" "${@:3}"; }
            for turn in 1 2 3 4 5 6 7 8; do
                run "$1" "$2" append "$3" --answers "$4.$turn" >/dev/null 2>>"$4.err"; echo "append $?"
            done
            run "$1" "$2" project shared --once >/dev/null 2>>"$4.err"; echo "project $?"
            mount -o remount,size=64m "$1"
            run "$1" "$2" append "$3" --answers "$4.last" >/dev/null 2>>"$4.err"; echo "append $?"
            for view in shared personal; do run "$1" "$2" project $view --once >/dev/null 2>>"$4.err"; echo "project $?"; done
            run "$1" "$2" log >"$4.log"
        """
        disk = os.path.join(self.directory, "disk")
        os.mkdir(disk)
        report = os.path.join(self.directory, "report")
        done = subprocess.run([*OWN_MOUNTS, "bash", "-c", script, "bash", disk, PARLEY, self.sample, report],
                              stdout=subprocess.PIPE, check=True)
        codes = done.stdout.decode().split("\n")[:-1]
        self.assertIn("append 74", codes[:8], "the disk was never full")
        self.assertEqual(codes[8:], ["project 74", "append 0", "project 0", "project 0"])
        with open(report + ".err") as file:
            self.assertIn("no space", file.read())
        with open(report + ".log", "rb") as file:
            records = [json.loads(line) for line in file]
        there = {record["position"]: record["record"]["id"] for record in records}
        answered = 0
        for turn in ["1", "2", "3", "4", "5", "6", "7", "8", "last"]:
            if not os.path.exists(f"{report}.{turn}"):
                continue
            with open(f"{report}.{turn}", "rb") as file:
                for line in file.read().split(b"\n")[:-1]:
                    answer = json.loads(line)
                    self.assertEqual(there.get(answer["position"]), answer["id"], "an answered record is lost")
                    answered += 1
        self.assertGreater(answered, 3000)

    # Processes and clocks.

    def test_of_two_nodes_on_one_directory_one_writes_and_the_other_takes_over(self):
        first = self.start("node")
        token = self.send("one")
        self.wait_for(token)
        second = self.start("node")
        self.said(second, "standing by")
        token = self.send("two")
        self.wait_for(token)
        owners = self.owners()
        first.send_signal(signal.SIGKILL)
        first.wait()
        token = self.send("three")
        self.wait_for(token)
        self.assertNotEqual(owners, self.owners())
        second.send_signal(signal.SIGTERM)
        began = time.monotonic()
        self.assertEqual(second.wait(timeout=10), 143)
        self.assertLess(time.monotonic() - began, 5)

    def test_a_clock_set_back_changes_no_order(self):
        if not shutil.which("faketime"):
            self.skipTest("needs faketime")
        conversation = json.loads(self.works("create", "--as", self.member, "--title", "t", "--json"))["conversation"]
        texts = []
        for number, shift in enumerate(["+0", "-1d", "+0", "-2d", "+1h", "+0"]):
            texts.append(f"message {number}")
            self.works("send", conversation, "--as", self.member, texts[-1], before=("faketime", "-f", shift))
        for view in VIEWS:
            self.works("project", view, "--once", before=("faketime", "-f", "-3d"))
        answer = json.loads(self.works("conversation", conversation, "--as", self.member, "--json"))
        self.assertEqual([message["content"]["text"] for message in answer["messages"]], texts)
        ords = [message["ord"] for message in answer["messages"]]
        self.assertEqual(ords, sorted(set(ords)))
        self.assertGreater(ords[4] - ords[0], 3_500_000_000, "the clock was never false")
        times = {}
        for line in self.works("log").splitlines():
            record = json.loads(line)
            times.setdefault(record["position"].split("@")[0], []).append(record["appendTime"])
        for partition, found in times.items():
            self.assertEqual(found, sorted(found), partition)
        status = json.loads(self.works("status", "--json"))
        self.assertTrue(all(row["gap"] == 0 and row["lagSeconds"] >= 0 for row in status["projections"]), status)

    def send(self, text):
        done = self.works("send", "--to", SOMEBODY, "--as", self.member, text, "--json")
        return json.loads(done)["token"]

    def wait_for(self, token):
        self.works("mailbox", "--as", self.member, "--at-least", token, "--wait", "20s")

    def owners(self):
        status = json.loads(self.works("status", "--json"))
        return {row["owner"] for row in status["projections"] if row["owner"]}

    def said(self, process, words):
        """Reads what the process says until it says `words`."""
        for line in iter(process.stderr.readline, b""):
            if words in line.decode():
                return
        self.fail(f"it ended without saying: {words}")


if __name__ == "__main__":
    unittest.main()
