"""Mixed faults, again and again, on real processes with a real Apache Kafka and a real PostgreSQL: nothing acknowledged is
lost, nothing happens twice, no order breaks, and no position is ever ahead of its rows.

PARLEY         the executable; default .build/release/parley
PARLEY_FAULTS  how many cycles, default 100 (about three minutes; `make torture` plays 1,000); 0 skips the test
PARLEY_SEED    of the choice of faults; printed, default random
KAFKA_HOME     the directory of the script `kafka`; without it, or without a PostgreSQL server, the test is skipped
"""

import glob
import os
import random
import shutil
import sys
import tempfile
import time
import unittest
from collections import Counter

from fault_cycles import checks
from servers.brokers import SCRIPT, Brokers
from servers.database import Database, binaries
from fault_cycles.log_reader import LogReader, read_with_console_consumer
from servers.place import VIEWS, Place
from fault_cycles.processes import Deployment, Producer, Projectors
from fault_cycles.schedule import Schedule

CYCLES = int(os.environ.get("PARLEY_FAULTS", "100"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 32)))
PARTITIONS = 4
CYCLES_BETWEEN_RESTS = 35
SECONDS_TO_RECOVER = 60
MEMBERS_COMPARED = 2 if CYCLES <= 100 else 10


class World:
    """All that faults may strike."""

    def __init__(self):
        self.began = time.monotonic()
        self.producers, self.closers = [], []
        self.place = self.kept(Place())
        self.story = open(self.place.path("story.txt"), "w")
        self.database = self.kept(Database(self.place))
        self.brokers = self.kept(Brokers(self.place))
        self.deployment = Deployment(self.place, self.brokers, self.database)
        self.deployment.run("topics", "create", "--partitions", str(PARTITIONS), "--replicas", "3")
        self.deployment.run("migrate")
        self.database.query(
            "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF random() < 0.5 THEN "
            "RAISE 'refused for the test' USING ERRCODE = '40001'; END IF; RETURN NULL; END $$")
        self.reader = self.kept(LogReader(self.brokers, PARTITIONS))
        self.projectors = self.kept(Projectors(self.deployment))
        for number in (1, 2):
            self.producers.append(self.kept(Producer(self.deployment, number, SEED % 1_000)))

    def kept(self, part):
        self.closers.append(part.close)
        return part

    def say(self, words):
        self.story.write(f"{time.monotonic() - self.began:8.2f} {words}\n")
        self.story.flush()

    def close(self):
        for close in reversed(self.closers):
            close()
        self.story.close()


@unittest.skipUnless(CYCLES, "skipped: PARLEY_FAULTS is 0")
@unittest.skipUnless(os.access(SCRIPT, os.X_OK), "skipped: no real Kafka: KAFKA_HOME names no directory with a script `kafka`")
@unittest.skipUnless(binaries(), "skipped: no PostgreSQL server in /usr/lib/postgresql or PARLEY_TEST_POSTGRES_BIN")
class FaultCycles(unittest.TestCase):
    is_done = False

    def setUp(self):
        print(f"fault cycles: {CYCLES} cycles, PARLEY_SEED={SEED}", file=sys.stderr)
        self.world = World()
        self.addCleanup(self.world.close)
        self.addCleanup(self.keep_what_was_said)
        self.positions = [checks.PositionCheck(self.world.database, view, self.world.reader) for view in VIEWS]
        self.schedule = Schedule(self.world, random.Random(SEED))

    def test_whatever_strikes_nothing_is_lost_nothing_happens_twice_and_no_order_breaks(self):
        for number in range(1, CYCLES + 1):
            self.schedule.cycle()
            self.assertEqual(checks.check_positions(self.positions), [], self.story())
            self.world.projectors.replace_ended()
            if number % CYCLES_BETWEEN_RESTS == 0 and number < CYCLES:
                self.rest()
        self.finish()
        self.check_log()
        self.check_views()
        self.check_that_checks_can_fail()
        self.report()
        self.is_done = True

    def rest(self):
        """Everything is mended, and the projectors come to the end of the log by themselves."""
        self.schedule.mend_all()
        self.world.say("rest")
        status = checks.await_positions(self.world.deployment, self.world.reader.ends(), SECONDS_TO_RECOVER)
        self.assertEqual([one for one in status["projections"] if one["parked"]], [], self.story())
        self.assertEqual(self.world.deployment.unexpected, [], self.story())

    def finish(self):
        self.schedule.mend_all()
        for producer in self.world.producers:
            producer.finish()
        self.world.reader.await_end()
        self.rest()
        self.world.say("the projectors are to end")
        self.world.projectors.end()
        self.assertEqual(checks.check_positions(self.positions, patiently=True), [], self.story())
        self.assertEqual(self.world.deployment.unexpected, [], self.story())
        self.assertGreater(sum(check.runs for check in self.positions), CYCLES, "positions were hardly ever checked")

    def check_log(self):
        """By the console consumer of Kafka itself."""
        world = self.world
        world.say("the log is checked")
        self.log = read_with_console_consumer(world.brokers, world.reader.ends())
        self.assertEqual({name: found for name, found in world.reader.records.items() if found}, self.log)
        self.assertEqual(world.reader.problems, [])
        self.acknowledged, lost = checks.acknowledged_and_lost(world.producers, self.log)
        self.assertEqual(lost[:5], [], f"{len(lost)} of {self.acknowledged}; {self.story()}")
        breaks = checks.order_breaks(world.producers, self.log)
        self.assertEqual(breaks[:5], [], f"{len(breaks)} order breaks; {self.story()}")
        self.assertGreater(self.acknowledged, CYCLES * 20, "next to nothing was appended")

    def check_views(self):
        """Both views equal the model, and what a fresh rebuild gives in either store."""
        world = self.world
        world.say("the views are checked")
        self.assertEqual(checks.differences_from_model(world.deployment, SEED, MEMBERS_COMPARED), "", self.story())
        found = checks.dumps(world.deployment)
        world.say("the views are rebuilt")
        world.database.make("rebuilt")
        url, directory = world.database.address("rebuilt"), world.place.path
        for shared, personal in ((url, url), (f"sqlite:{directory('shared.sqlite')}", f"sqlite:{directory('personal.sqlite')}")):
            stores = {"PARLEY_SHARED_STORE": shared, "PARLEY_PERSONAL_STORE": personal}
            for view in VIEWS:
                world.deployment.run("project", view, "--once", **stores)
            for view, rebuilt in checks.dumps(world.deployment, **stores).items():
                self.assertTrue(rebuilt == found[view], f"{view}: {checks.first_difference(found[view], rebuilt)}")

    def check_that_checks_can_fail(self):
        """A row less, an answer more, an order changed: each is found."""
        for check in self.positions:
            check.checked.clear()
            schema = f"parley_{check.view}"
            self.world.database.query(
                f"DELETE FROM {schema}.judged WHERE ctid = (SELECT ctid FROM {schema}.judged LIMIT 1)")
            self.assertNotEqual(check.run(), [], f"a row of the {check.view} view is missing and nobody saw it")
        answers = self.world.producers[0].answered[0]
        answers[0], answers[-1] = answers[-1], answers[0]
        self.assertNotEqual(checks.order_breaks(self.world.producers[:1], self.log), [])
        answers[0] = {**answers[0], "id": "00000000-0000-4000-8000-000000000000"}
        self.assertNotEqual(checks.acknowledged_and_lost(self.world.producers[:1], self.log)[1], [])

    def report(self):
        records = sum(len(found) for found in self.log.values())
        kills = sum(producer.kills for producer in self.world.producers)
        ends = sum((Counter(producer.ends) for producer in self.world.producers), Counter())
        print(f"fault cycles: {time.monotonic() - self.world.began:.0f} s, {sum(self.schedule.counts.values())} faults, "
              f"{self.acknowledged} acknowledged, {records} records; producers killed {kills} times, ended by themselves "
              f"{dict(ends)}; {self.world.database.proxy.cuts} commits cut", file=sys.stderr)
        print(f"fault cycles: PostgreSQL said {dict(self.world.database.complaints())}", file=sys.stderr)
        for name, count in sorted(self.schedule.counts.items()):
            print(f"fault cycles: {count:4} {name}", file=sys.stderr)

    def keep_what_was_said(self):
        """When it failed: the story and what every process said stay."""
        if self.is_done:
            return
        kept = tempfile.mkdtemp(prefix="parley-cycles-failed-")
        for path in glob.glob(self.world.place.path("*.txt")) + glob.glob(self.world.place.path("*.err")):
            shutil.copy(path, kept)
        shutil.copy(self.world.place.path("postgres", "server.log"), kept)
        print(f"fault cycles: what the processes said is kept in {kept}", file=sys.stderr)

    def story(self):
        """What happened last."""
        with open(self.world.place.path("story.txt")) as file:
            return f"PARLEY_SEED={SEED}\n" + "".join(file.readlines()[-40:])


if __name__ == "__main__":
    unittest.main()
