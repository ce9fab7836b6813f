"""Where things are, ports that are free, and who cleans up when the test itself is killed."""

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
MODEL = os.path.join(ROOT, "Tests", "Model")
VIEWS = ("shared", "personal")

# Waits for the end of its input, which comes when the test ends in whatever way; then nothing of the test may be left.
GUARDIAN = """
trap '' INT TERM HUP
read -r _ || true
for file in "$1"/kafka/broker-*.pid "$1"/postgres/data/postmaster.pid; do
    if [ -f "$file" ]; then kill -KILL "$(head -n 1 "$file")" 2>/dev/null; fi
done
sleep 0.3
umount -l "$1/postgres/disk" 2>/dev/null
rm -rf "$1"
"""


class Place:
    """A directory of the test's own. It ends, with the servers in it, when the test does."""

    def __init__(self):
        # Short, because the name of a socket may have 107 bytes.
        self.directory = tempfile.mkdtemp(prefix="parley-cycles-", dir="/tmp")
        os.chmod(self.directory, 0o755)
        self.guardian = subprocess.Popen(
            ["bash", "-c", GUARDIAN, "guardian", self.directory], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def close(self):
        self.guardian.stdin.close()
        self.guardian.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def die_with_parent():
    """To be run in a child before its program: it is killed when the test is."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def is_free(port):
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports(count, *distances):
    """The first of `count` ports that are free, as are those at each of the distances above them."""
    for _ in range(200):
        first = random.SystemRandom().randrange(20_000, 31_000)
        if all(is_free(first + base + number) for base in (0, *distances) for number in range(count)):
            return first
    raise RuntimeError("no free ports from 20,000 to 31,000")


def is_alive(process):
    """Whether there is such a process that has not ended; one that nobody has waited for yet has."""
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
