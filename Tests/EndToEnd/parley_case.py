"""A test case that runs the executable on a data directory of its own."""

import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))


class ParleyCase(unittest.TestCase):
    def setUp(self):
        if not os.access(PARLEY, os.X_OK):
            self.fail(f"{PARLEY} is not there: run make build, or name the executable in PARLEY")
        self.directory = tempfile.mkdtemp(prefix="parley-test-")
        self.data = os.path.join(self.directory, "data")

    def tearDown(self):
        shutil.rmtree(self.directory)

    def parley(self, *arguments, expect=(0,)):
        """Runs a command on the data directory: its standard output."""
        done = subprocess.run([PARLEY, "--data", self.data, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn(done.returncode, expect, f"parley {arguments}: {done.stderr.decode(errors='replace')[-2_000:]}"
                      f"{done.stdout.decode(errors='replace')[-2_000:]}")
        return done.stdout
