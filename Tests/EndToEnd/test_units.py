"""The systemd units are valid and keep their processes in narrow bounds.

PARLEY  the executable; default .build/release/parley

Without systemd-analyze the tests are skipped.
"""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from servers.place import PARLEY, ROOT

# Of 10; systemd calls up to 4 "OK".
EXPOSED_AT_MOST = 1.5


@unittest.skipUnless(shutil.which("systemd-analyze"), "skipped: no systemd-analyze")
class Units(unittest.TestCase):
    def units(self):
        """Copies that start this executable."""
        directory = tempfile.TemporaryDirectory(prefix="parley-units-")
        self.addCleanup(directory.cleanup)
        for path in sorted(glob.glob(os.path.join(ROOT, "Deploy", "*.service"))):
            copy = os.path.join(directory.name, os.path.basename(path))
            with open(path) as source, open(copy, "w") as sink:
                text = source.read()
                self.assertIn("ExecStart=/usr/local/bin/parley ", text)
                sink.write(text.replace("/usr/local/bin/parley", PARLEY))
            yield copy

    def analyze(self, *words):
        return subprocess.run(["systemd-analyze", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_every_unit_is_valid(self):
        units = list(self.units())
        self.assertGreaterEqual(len(units), 3)
        for unit in units:
            with self.subTest(os.path.basename(unit)):
                done = self.analyze("verify", "--man=no", unit)
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_every_unit_is_little_exposed(self):
        for unit in self.units():
            with self.subTest(os.path.basename(unit)):
                done = self.analyze("security", "--offline=true", "--no-pager", unit)
                found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
                self.assertIsNotNone(found, done.stdout)
                self.assertLessEqual(float(found[1]), EXPOSED_AT_MOST, done.stdout)


if __name__ == "__main__":
    unittest.main()
