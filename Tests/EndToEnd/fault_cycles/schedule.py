"""Which fault strikes when: chosen from a seed, several at the same time."""

import sys
import time
from collections import Counter

from .faults import KINDS, DiskFull


class Schedule:
    """Cycles of faults. In each, one to three strike that do not hinder each other; long ones last for several cycles."""

    def __init__(self, world, dice):
        self.world = world
        self.dice = dice
        self.active = []                    # (when it is mended, fault)
        self.counts = Counter()
        self.kinds = [kind for kind in KINDS if kind is not DiskFull or world.database.has_disk]
        if len(self.kinds) < len(KINDS):
            print(f"fault cycles: no {DiskFull.name}: only root may make a file system for it", file=sys.stderr)

    def cycle(self):
        for _ in range(self.dice.choice([1, 1, 2, 2, 3])):
            self.strike(self.choose())
        until = time.monotonic() + self.dice.uniform(0.3, 1.3)
        while time.monotonic() < until:
            self.mend_due()
            time.sleep(0.02)

    def choose(self):
        weights = [kind.weight for kind in self.kinds]
        while True:
            fault = self.dice.choices(self.kinds, weights)[0](self.world, self.dice)
            taken = frozenset().union(*(other.needs for _, other in self.active))
            if taken & fault.needs or not self.is_possible(fault):
                continue
            return fault

    def is_possible(self, fault):
        """One broker at a time is away, with the time it takes to come back."""
        if "brokers" in fault.needs:
            return all(self.world.brokers.is_running(number) for number in self.world.brokers.numbers)
        return True

    def strike(self, fault):
        fault.strike()
        self.counts[fault.name] += 1
        self.world.say(f"{fault.name} {fault.detail}")
        self.active.append((time.monotonic() + self.dice.uniform(*fault.lasts), fault))

    def mend_due(self):
        now = time.monotonic()
        for entry in [entry for entry in self.active if entry[0] <= now]:
            self.active.remove(entry)
            self.mend(entry[1])

    def mend(self, fault):
        fault.mend()
        self.world.say(f"  mended: {fault.name} {fault.detail}")

    def mend_all(self):
        """Ends every fault and waits for the brokers that are starting."""
        for _, fault in self.active:
            self.mend(fault)
        self.active = []
        self.world.database.start()
        self.world.brokers.await_restarts()
