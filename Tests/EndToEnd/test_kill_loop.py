"""kill -9, over and over, of the appender and of both projectors, on real processes.

What must hold at the end: every answer ever given is in the log at the place it names (nothing acknowledged is lost), and
both views answer what the reference model computes from the log (no effect twice, none missing).

PARLEY       the executable; default .build/release/parley
PARLEY_KILLS how many processes are killed; default 100
PARLEY_SEED  of the delays and choices; printed, default random
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
KILLS = int(os.environ.get("PARLEY_KILLS", "100"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 32)))
COMMANDS_OF_A_ROUND = 4_000


class Deployment:
    """One data directory, the processes on it, and every answer the appender gave."""

    def __init__(self, directory):
        self.data = os.path.join(directory, "data")
        self.directory = directory
        self.processes = {}
        self.answers = []
        self.round = 0
        self.complaints = open(os.path.join(directory, "stderr.txt"), "wb")

    def run(self, *arguments, **options):
        return subprocess.run(
            [PARLEY, "--data", self.data, *arguments], check=True, stdout=subprocess.PIPE, stderr=self.complaints, **options
        ).stdout

    def start(self, role, *arguments):
        self.processes[role] = subprocess.Popen(
            [PARLEY, "--data", self.data, *arguments], stdout=subprocess.DEVNULL, stderr=self.complaints)

    def start_projector(self, view):
        self.start(view, "project", view)

    def start_appender(self):
        """Goes on with this round's file, or begins the next round when it is finished."""
        process = self.processes.get("append")
        if process is None or process.poll() == 0:
            self.take_answers()
            self.round += 1
            sample = subprocess.run(
                [PARLEY, "sample", "--seed", str(self.round), "--commands", str(COMMANDS_OF_A_ROUND), "--members", "40"],
                check=True, stdout=subprocess.PIPE, stderr=self.complaints).stdout
            with open(self.file("jsonl"), "wb") as file:
                file.write(sample)
        self.start("append", "append", "--resume", "--batch", "50", "--answers", self.file("answers"), self.file("jsonl"))

    def file(self, kind):
        return os.path.join(self.directory, f"{self.round}.{kind}")

    def take_answers(self):
        """An answer is a whole line; what a kill cut short was not given."""
        if self.round == 0 or not os.path.exists(self.file("answers")):
            return
        with open(self.file("answers"), "rb") as file:
            lines = file.read().split(b"\n")[:-1]
        self.answers.extend(json.loads(line) for line in lines)

    def kill(self, role):
        process = self.processes[role]
        process.send_signal(signal.SIGKILL)
        process.wait()

    def end(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
                process.wait()
        self.complaints.close()


class KillLoop(unittest.TestCase):
    def setUp(self):
        if not os.access(PARLEY, os.X_OK):
            self.fail(f"{PARLEY} is not there: run make build, or name the executable in PARLEY")
        self.directory = tempfile.mkdtemp(prefix="parley-kills-")
        self.deployment = Deployment(self.directory)

    def tearDown(self):
        self.deployment.end()
        shutil.rmtree(self.directory)

    def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(self):
        print(f"kill loop: {KILLS} kills, PARLEY_SEED={SEED}", file=sys.stderr)
        dice = random.Random(SEED)
        deployment = self.deployment
        deployment.start_appender()
        for view in ("shared", "personal"):
            deployment.start_projector(view)
        for _ in range(KILLS):
            time.sleep(dice.uniform(0.005, 0.25))
            role = dice.choice(["append", "append", "shared", "personal"])
            deployment.kill(role)
            deployment.start_appender() if role == "append" else deployment.start_projector(role)
        self.finish()
        self.check_answers()
        self.check_views()

    def finish(self):
        deployment = self.deployment
        self.assertEqual(deployment.processes["append"].wait(timeout=120), 0, self.complaints())
        deployment.take_answers()
        for view in ("shared", "personal"):
            deployment.kill(view)
            deployment.run("project", view, "--once")

    def check_answers(self):
        log = {}
        for line in self.deployment.run("log").splitlines():
            entry = json.loads(line)
            log[entry["position"]] = entry["record"]["id"]
        answered = [answer for answer in self.deployment.answers if "position" in answer]
        lost = [answer for answer in answered if log.get(answer["position"]) != answer["id"]]
        self.assertEqual(lost[:3], [], f"{len(lost)} of {len(answered)} answers are not in the log")
        self.assertGreater(len(answered), KILLS, "the loop appended next to nothing")
        print(f"kill loop: {len(answered)} answers, {len(log)} records, {self.deployment.round} rounds", file=sys.stderr)

    def check_views(self):
        compared = subprocess.run(
            [sys.executable, os.path.join(ROOT, "Tests", "Model", "compare.py"), "--parley", PARLEY, "--data",
             self.deployment.data, "--members", "12", "--conversations", "6", "--messages", "4"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(compared.returncode, 0, compared.stdout.decode(errors="replace")[-4_000:])
        status = json.loads(self.deployment.run("status", "--json"))
        self.assertEqual([p for p in status["projections"] if p["gap"] or p["parked"]], [])

    def complaints(self):
        with open(os.path.join(self.directory, "stderr.txt"), errors="replace") as file:
            return file.read()[-4_000:]


if __name__ == "__main__":
    unittest.main()
