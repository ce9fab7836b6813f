"""One PostgreSQL server of the test's own, behind a proxy, its tables on a disk of its own that can be full."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections import Counter

from .place import die_with_parent, free_ports
from .proxies import CommitCutter

NAME = "parley"
LARGE = "6g"


def binaries():
    named = [os.environ["PARLEY_TEST_POSTGRES_BIN"]] if "PARLEY_TEST_POSTGRES_BIN" in os.environ else []
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]), reverse=True)
    return next((path for path in named + found if os.access(os.path.join(path, "postgres"), os.X_OK)), None)


class Database:
    def __init__(self, place):
        self.programs = binaries()
        self.directory = place.path("postgres")
        os.mkdir(self.directory)
        # A server refuses to run as root.
        self.before = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        self.give(self.directory)
        self.data = os.path.join(self.directory, "data")
        self.disk = os.path.join(self.directory, "disk")
        self.has_disk = self.mount()
        self.port = free_ports(1)
        self.server = None
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        if self.has_disk:
            self.query(f"CREATE TABLESPACE small LOCATION '{self.disk}'", database="postgres")
        self.make(NAME)
        self.proxy = CommitCutter(self.port)
        self.url = self.address(NAME)

    def give(self, path):
        if self.before:
            user = pwd.getpwnam("postgres")
            os.chown(path, user.pw_uid, user.pw_gid)

    def mount(self):
        """A file system in memory for the tables, where this user may make one."""
        os.mkdir(self.disk)
        if os.geteuid() != 0 or not shutil.which("mount"):
            return False
        options = f"size={LARGE},mode=700"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.disk], capture_output=True).returncode:
            return False
        self.give(self.disk)
        return True

    def run(self, program, *arguments, **options):
        return subprocess.run(
            [*self.before, os.path.join(self.programs, program), *arguments], check=True, capture_output=True,
            cwd=self.directory, **options)

    def make(self, name):
        self.query(f"CREATE DATABASE {name}" + (" TABLESPACE small" if self.has_disk else ""), database="postgres")

    def address(self, name):
        """Through the proxy."""
        return f"postgres://postgres@127.0.0.1:{self.proxy.port}/{name}?sslmode=disable"

    # The server

    def start(self):
        """Starts the server and waits until it answers; again while those of a killed one are still ending."""
        deadline = time.monotonic() + 60
        while True:
            if self.server is None or self.server.poll() is not None:
                with open(os.path.join(self.directory, "server.log"), "ab") as log:
                    self.server = subprocess.Popen(
                        [*self.before, os.path.join(self.programs, "postgres"), "-D", self.data, "-k", self.directory,
                         "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=64MB",
                         "-c", "deadlock_timeout=100ms", "-c", "max_connections=60",
                         "-c", "recovery_init_sync_method=syncfs"],
                        stdout=log, stderr=log, cwd=self.directory, preexec_fn=die_with_parent)
            try:
                self.query("SELECT 1", database="postgres")
                return
            except Unanswered as error:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL does not start: {error}; see {self.directory}/server.log") from error
                time.sleep(0.05)

    def kill(self):
        """The postmaster, as kill -9 does; its children notice and end."""
        os.kill(self.server_process(), signal.SIGKILL)
        self.server.wait()

    def server_process(self):
        with open(os.path.join(self.data, "postmaster.pid")) as file:
            return int(file.readline())

    def backends(self):
        """Process ids of the servers of projectors."""
        rows = self.query("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND "
                          f"datname = '{NAME}' AND client_port > 0")
        return [int(row[0]) for row in rows]

    def fill(self):
        """The disk has no room but for what is used already."""
        for spare in range(50):
            # Somebody may write meanwhile: then it cannot be made so small.
            if self.resize(f"{shutil.disk_usage(self.disk).used // 1024 + spare}k"):
                return
        raise RuntimeError(f"{self.disk} cannot be made small")

    def make_room(self):
        if not self.resize(LARGE):
            raise RuntimeError(f"{self.disk} cannot be made large")

    def resize(self, size):
        return subprocess.run(["mount", "-o", f"remount,size={size}", self.disk], capture_output=True).returncode == 0

    def complaints(self):
        """How often the server refused something, by the words it said."""
        words = ("deadlock detected", "refused for the test", "No space left", "terminating connection",
                 "server process", "lock timeout")
        with open(os.path.join(self.directory, "server.log"), errors="replace") as file:
            return Counter(word for line in file for word in words if word in line)

    # Asking

    def query(self, *statements, database=NAME, timeout=60):
        """The rows of all statements, as lists of texts; not through the proxy.

        Raises Unanswered when the server does not answer, and RuntimeError when it refuses."""
        script = "\n".join(statement + ";" for statement in statements)
        done = subprocess.run(
            [os.path.join(self.programs, "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-F", "\t",
             "-h", self.directory, "-p", str(self.port), "-U", "postgres", "-d", database],
            input=script, capture_output=True, text=True, timeout=timeout)
        if done.returncode == 2:
            raise Unanswered(done.stderr)
        if done.returncode != 0:
            said = done.stderr
            raise Unanswered(said) if "terminating connection" in said else RuntimeError(said)
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    def close(self):
        self.proxy.close()
        if self.server is not None and self.server.poll() is None:
            # Immediately, so that no connection is waited for.
            os.kill(self.server_process(), signal.SIGQUIT)
            self.server.wait(timeout=60)
        if self.has_disk:
            subprocess.run(["umount", "-l", self.disk], capture_output=True)


class Unanswered(Exception):
    """The server is away, or went away."""
