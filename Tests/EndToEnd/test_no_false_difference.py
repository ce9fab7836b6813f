"""Random histories with erased members and conversations and with refused commands, through the real executable: no comparison
of a view with a rebuild of it, or of a sample, finds a difference.

PARLEY               the executable; default .build/release/parley
PARLEY_VERIFIED      how many histories; default 5
PARLEY_SEED          of the first; printed, default random
"""

import json
import os
import random
import shutil
import subprocess
import sys
import unittest

from parley_case import ROOT, ParleyCase

MODEL = os.path.join(ROOT, "Tests", "Model")
VERIFIED = int(os.environ.get("PARLEY_VERIFIED", "5"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 31)))


class NoFalseDifference(ParleyCase):
    def append(self, seed, commands):
        path = os.path.join(self.directory, "history")
        with open(path, "wb") as file:
            file.write(subprocess.run(
                [sys.executable, os.path.join(MODEL, "random_history.py"), "--seed", str(seed), "--commands",
                 str(commands), "--members", "8", "--conversations", "4"], check=True, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL).stdout)
        self.parley("append", path, expect=(0, 1))

    def erase(self, dice):
        """Destroys the keys of some who wrote something: who never did has none."""
        records = [json.loads(line)["record"] for line in self.parley("log").splitlines()]
        wrote = [record for record in records if record["command"] in ("send", "edit")]
        writers = sorted({record["actor"] for record in wrote})
        for member in dice.sample(writers, min(2, len(writers))):
            self.parley("erase", "member", member, "--yes")
        if wrote:
            self.parley("erase", "conversation", dice.choice(wrote)["conversation"], "--yes")

    def project(self):
        for view in ("shared", "personal"):
            self.parley("project", view, "--once")

    def test_no_history_with_erased_members_and_refused_commands_differs(self):
        refused = 0
        for seed in range(SEED, SEED + VERIFIED):
            with self.subTest(seed=seed):
                print(f"verified: PARLEY_SEED={seed}", file=sys.stderr)
                shutil.rmtree(self.data, ignore_errors=True)
                dice = random.Random(seed)
                self.append(seed, dice.randrange(50, 300))
                if dice.random() < 0.5:
                    self.project()
                self.erase(dice)
                self.append(seed + 1_000_000, dice.randrange(20, 100))
                self.project()
                refused += len(self.parley("rejections", "--json", "--limit", "500").splitlines()) - 1
                for more in ((), ("--sample", "30", "--seed", str(seed)), ("--record-by-record",)):
                    for line in self.parley("verify-view", "--view", "all", "--json", *more).splitlines():
                        answer = json.loads(line)
                        self.assertEqual((answer["outcome"], answer["differences"]), ("equal", 0))
        self.assertGreater(refused, 0)


if __name__ == "__main__":
    unittest.main()
