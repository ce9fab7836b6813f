"""The processes that are tried: producers that append at their pace, projectors of both views."""

import json
import os
import random
import signal
import subprocess
import threading
import time

from servers.place import PARLEY, VIEWS, die_with_parent

# Unreachable, and try again: what an append ends with when brokers are away for longer than it waits.
MAY_PASS = (69, 75)


class Deployment:
    """What every `parley` of the test is told, and where what they say goes."""

    def __init__(self, place, brokers, database):
        self.place = place
        self.data = place.path("data")
        self.environment = {
            **os.environ, "PARLEY_DATA": self.data, "PARLEY_LOG": f"kafka:{brokers.bootstrap}",
            "PARLEY_SHARED_STORE": database.url, "PARLEY_PERSONAL_STORE": database.url,
            # Short, so that outages of some seconds reach the end of it.
            "PARLEY_KAFKA_MESSAGE_TIMEOUT_MS": "4000",
        }
        self.unexpected = []

    def run(self, *arguments, **environment):
        done = subprocess.run([PARLEY, *arguments], env={**self.environment, **environment}, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"parley {' '.join(arguments)}: exit {done.returncode}: {done.stderr.decode()[-2000:]}")
        return done.stdout

    def start(self, name, *arguments, **options):
        """Starts a process that says what it has to say into NAME.err."""
        with open(self.place.path(name + ".err"), "ab") as complaints:
            return subprocess.Popen(
                [PARLEY, *arguments], env=self.environment, stdout=subprocess.DEVNULL, stderr=complaints,
                preexec_fn=die_with_parent, **options)

    def last_words(self, name):
        with open(self.place.path(name + ".err"), errors="replace") as file:
            return file.read()[-600:]


class Producer:
    """Appends rounds of a made-up history line by line, and begins where it was whenever it ended.

    Its thread feeds the process; kill() may be called from any other."""

    ROUND = 2_000
    LINES_A_SECOND = 120
    BEAT = 0.1

    def __init__(self, deployment, number, seed):
        self.deployment = deployment
        self.name = f"producer-{number}"
        self.seed = seed * 100_000 + number * 10_000
        self.round = 0
        self.answered = []              # rounds of answers, in the order of their lines
        self.process = None
        self.kills = 0
        self.ends = {}                  # how often it ended with which code, by itself
        self.is_stopping = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        try:
            while not self.is_stopping.is_set():
                self.append_round()
        except Exception as error:      # shown by finish()
            self.failure = error

    def file(self, kind):
        return self.deployment.place.path(f"{self.name}-{self.round}.{kind}")

    def append_round(self):
        self.round += 1
        lines = self.deployment.run(
            "sample", "--seed", str(self.seed + self.round), "--commands", str(self.ROUND), "--members", "30"
        ).splitlines(keepends=True)
        fed, is_whole = 0, False
        while not is_whole:
            self.process = self.deployment.start(
                self.name, "append", "-", "--resume", "--batch", "40", "--answers", self.file("answers"),
                stdin=subprocess.PIPE)
            fed, is_whole = self.feed(lines, fed)
            code = self.process.wait()
            if is_whole and code == 0:
                break
            is_whole = False
            self.note_end(code)
            time.sleep(0.1)
        with open(self.file("answers")) as file:
            self.answered.append([json.loads(line) for line in file])

    def feed(self, lines, fed):
        """Gives the process the lines at their pace; those given to its predecessors at once.

        Returns how many lines have ever been given, and whether they are all there will be in this round."""
        try:
            with self.process.stdin as sink:
                sink.write(b"".join(lines[:fed]))
                while fed < len(lines) and not self.is_stopping.is_set():
                    sink.flush()
                    time.sleep(self.BEAT)
                    count = int(self.LINES_A_SECOND * self.BEAT)
                    sink.write(b"".join(lines[fed:fed + count]))
                    fed = min(len(lines), fed + count)
            return fed, True
        except BrokenPipeError:
            return fed, False

    def note_end(self, code):
        if code == -signal.SIGKILL:
            self.kills += 1
            return
        self.ends[code] = self.ends.get(code, 0) + 1
        if code not in MAY_PASS:
            said = self.deployment.last_words(self.name)
            self.deployment.unexpected.append(f"{self.name} ended with {code}: {said}")

    def kill(self):
        process = self.process
        if process is not None and process.poll() is None:
            process.kill()

    def answers_so_far(self):
        return sum(len(round) for round in self.answered)

    def finish(self):
        """Lets it append what it was given; what it answered is all in `answered` then."""
        self.is_stopping.set()
        self.thread.join(timeout=120)
        if self.failure is not None:
            raise self.failure
        if self.thread.is_alive():
            raise RuntimeError(f"{self.name} does not come to its end: {self.deployment.last_words(self.name)}")

    def close(self):
        self.is_stopping.set()
        self.kill()


class Projectors:
    """Two of each view, and those that come for a while."""

    def __init__(self, deployment):
        self.deployment = deployment
        self.running = {}
        self.stopped = set()
        self.ends = 0
        for view in VIEWS:
            for number in (1, 2):
                self.start(view, number)

    def start(self, view, number):
        self.running[view, number] = self.deployment.start(f"{view}-{number}", "project", view)

    def replace_ended(self):
        """None ends by itself, whatever happens around it; one that did is told of, and started again."""
        for (view, number), process in list(self.running.items()):
            code = process.poll()
            if code is None:
                continue
            said = self.deployment.last_words(f"{view}-{number}")
            self.deployment.unexpected.append(f"projector {view}-{number} ended with {code}: {said}")
            self.start(view, number)

    def kill(self, view, number):
        process = self.running.pop((view, number))
        process.kill()
        process.wait()

    def stop(self, view, number):
        """SIGSTOP."""
        self.stopped.add((view, number))
        self.running[view, number].send_signal(signal.SIGSTOP)

    def go_on(self, view, number):
        """SIGCONT."""
        self.stopped.discard((view, number))
        self.running[view, number].send_signal(signal.SIGCONT)

    def end(self):
        """SIGTERM: all must end within the time a stop may take."""
        for process in self.running.values():
            process.terminate()
        for (view, number), process in self.running.items():
            code = process.wait(timeout=20)
            if code != 143:
                self.deployment.unexpected.append(
                    f"projector {view}-{number}, asked to stop, ended with {code}: "
                    + self.deployment.last_words(f"{view}-{number}"))
        self.running.clear()

    def close(self):
        for process in self.running.values():
            process.kill()
            process.wait()


def dice_of(seed, *names):
    return random.Random(f"{seed} {names}")
