"""Everything that can go wrong, and how it is mended.

A fault strikes, lasts, and is mended. What it needs for itself meanwhile stands in `needs`: two faults that need the same
thing never overlap. `lasts` is in seconds, from and to."""

import os
import signal
import threading

from servers.database import Unanswered
from servers.place import VIEWS

# What two faults may not have at the same time. Whatever asks the database needs its server to be there.
BROKERS, WAY_TO_BROKERS, SERVER, WAY_TO_DATABASE = "brokers", "way to brokers", "database server", "way to database"


class Fault:
    name = None
    weight = 2
    lasts = (0.1, 1.0)

    def __init__(self, world, dice):
        self.world = world
        self.dice = dice
        self.needs = frozenset()
        self.detail = ""

    def strike(self):
        raise NotImplementedError

    def mend(self):
        pass


# Brokers


class BrokerKilled(Fault):
    """One of three, with everything it leads; it comes back some seconds later."""
    name, weight, lasts = "broker killed and started again", 4, (0.2, 1.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.number = dice.choice(list(world.brokers.numbers))
        self.detail = f"broker {self.number}"
        self.needs = frozenset({BROKERS})

    def strike(self):
        self.world.brokers.kill(self.number)

    def mend(self):
        self.world.brokers.begin_restart(self.number)


class LeaderKilled(BrokerKilled):
    """The leader of a partition that producers append to."""
    name, weight = "leader of three killed", 4

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({BROKERS, WAY_TO_BROKERS})

    def strike(self):
        self.number = self.world.brokers.leader("conversation-commands", self.dice.randrange(4))
        self.detail = f"broker {self.number}"
        super().strike()


class BrokerStopped(Fault):
    name, lasts = "broker stopped and continued", (0.3, 5.0)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.number = dice.choice(list(world.brokers.numbers))
        self.detail = f"broker {self.number}"
        self.needs = frozenset({BROKERS})

    def strike(self):
        self.world.brokers.signal(self.number, signal.SIGSTOP)

    def mend(self):
        self.world.brokers.signal(self.number, signal.SIGCONT)


class AllBrokersStopped(Fault):
    name, weight, lasts = "all brokers stopped and continued", 2, (0.3, 5.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({BROKERS})

    def strike(self):
        for number in self.world.brokers.numbers:
            self.world.brokers.signal(number, signal.SIGSTOP)

    def mend(self):
        for number in self.world.brokers.numbers:
            self.world.brokers.signal(number, signal.SIGCONT)


class AnswersLost(Fault):
    """Brokers apply what they are sent, and nobody hears of it; then the connections end."""
    name, weight, lasts = "brokers' answers lost after they applied", 4, (0.2, 3.0)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.proxies = dice.sample(world.brokers.proxies, dice.choice([1, 2, 3]))
        self.needs = frozenset({WAY_TO_BROKERS})

    def strike(self):
        for proxy in self.proxies:
            proxy.loses_answers = True

    def mend(self):
        for proxy in self.proxies:
            proxy.cut()
            proxy.loses_answers = False


class BrokersCut(Fault):
    """Every connection to some brokers ends, and none is made for a while."""
    name, weight, lasts = "connections to brokers cut", 3, (0.0, 1.0)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.proxies = dice.sample(world.brokers.proxies, dice.choice([1, 3]))
        self.needs = frozenset({WAY_TO_BROKERS})

    def strike(self):
        for proxy in self.proxies:
            proxy.refuses = True
            proxy.cut()

    def mend(self):
        for proxy in self.proxies:
            proxy.refuses = False


# PostgreSQL


class BackendTerminated(Fault):
    name, weight, lasts = "PostgreSQL connections terminated", 3, (0.0, 0.2)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({SERVER})

    def strike(self):
        for process in self.world.database.backends():
            if self.dice.random() < 0.6:
                self.world.database.query(f"SELECT pg_terminate_backend({process})")


class BackendKilled(Fault):
    """kill -9 of one backend: the server throws everybody out and recovers."""
    name, weight, lasts = "PostgreSQL backend killed", 2, (0.0, 0.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({SERVER})

    def strike(self):
        found = self.world.database.backends()
        if found:
            os.kill(self.dice.choice(sorted(found)), signal.SIGKILL)

    def mend(self):
        self.world.database.start()


class PostmasterKilled(Fault):
    name, weight, lasts = "PostgreSQL postmaster killed", 2, (0.1, 1.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({SERVER})

    def strike(self):
        self.world.database.kill()

    def mend(self):
        self.world.database.start()


class DatabaseCut(Fault):
    name, weight, lasts = "connections to PostgreSQL cut", 3, (0.0, 1.0)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({WAY_TO_DATABASE})

    def strike(self):
        self.world.database.proxy.refuses = True
        self.world.database.proxy.cut()

    def mend(self):
        self.world.database.proxy.refuses = False


class CommitsCut(Fault):
    """The connection ends while a commit is under way: before it arrives, or before its answer does."""
    name, weight, lasts = "connection cut during commit", 4, (0.5, 1.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({WAY_TO_DATABASE})

    def strike(self):
        self.world.database.proxy.cut_commits(self.dice.randint(1, 4), delivers=self.dice.random() < 0.7)

    def mend(self):
        self.world.database.proxy.cut_commits(0, delivers=True)


class DiskFull(Fault):
    name, weight, lasts = "PostgreSQL's disk full", 3, (1.0, 3.0)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({SERVER})

    def strike(self):
        self.world.database.fill()

    def mend(self):
        self.world.database.make_room()


class SerializationFailure(Fault):
    """The server refuses some commits with 40001, as it does under contention at stricter levels."""
    name, weight, lasts = "serialization failures", 3, (0.3, 1.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.needs = frozenset({SERVER})

    def strike(self):
        self.on("CREATE TRIGGER refuse AFTER INSERT OR UPDATE ON {} EXECUTE FUNCTION public.refuse()")

    def mend(self):
        self.on("DROP TRIGGER IF EXISTS refuse ON {}")

    def on(self, statement):
        self.world.database.query(
            "SET lock_timeout = '20s'", *(statement.format(f"parley_{view}.position") for view in VIEWS))


class Deadlock(Fault):
    """Somebody else takes the locks of a batch the other way round, and the server ends one of both with 40P01."""
    name, weight, lasts = "deadlock in PostgreSQL", 2, (0.3, 0.6)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.view = dice.choice(VIEWS)
        self.needs = frozenset({SERVER})

    def strike(self):
        schema = f"parley_{self.view}"
        self.thread = threading.Thread(target=self.lock, args=(schema,), daemon=True)
        self.thread.start()

    def lock(self, schema):
        # Its own patience never ends, so the projector is the one that is ended.
        try:
            self.world.database.query(
                "BEGIN", "SET LOCAL deadlock_timeout = '1h'", "SET LOCAL lock_timeout = '500ms'",
                f"LOCK TABLE {schema}.position IN EXCLUSIVE MODE",
                # Until some batch has the leases and waits for its position, but not as long as it waits.
                "SELECT pg_sleep(0.06)", f"SELECT FROM {schema}.lease FOR UPDATE", "ROLLBACK")
        except (RuntimeError, Unanswered):
            pass    # It was the one that gave up, or another fault ended it.

    def mend(self):
        self.thread.join()


# Projectors and producers


class OwnerStopped(Fault):
    """SIGSTOP past its lease: the other takes over; SIGCONT: what it had under way is refused."""
    name, weight, lasts = "owner stopped past its lease and continued", 2, (10.5, 12.0)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.who = dice.choice(VIEWS), dice.choice([1, 2])
        self.detail = "{}-{}".format(*self.who)
        self.needs = frozenset({f"projectors of {self.who[0]}"})

    def strike(self):
        self.world.projectors.stop(*self.who)

    def mend(self):
        self.world.projectors.go_on(*self.who)


class OwnerPaused(OwnerStopped):
    """For less than its lease."""
    name, weight, lasts = "owner stopped and continued", 2, (0.2, 2.0)


class OwnerKilled(Fault):
    """The other takes over; one comes back a little later."""
    name, weight, lasts = "owner killed", 5, (0.0, 1.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.who = dice.choice(VIEWS), dice.choice([1, 2])
        self.detail = "{}-{}".format(*self.who)
        self.needs = frozenset({f"projectors of {self.who[0]}"})

    def strike(self):
        self.world.projectors.kill(*self.who)

    def mend(self):
        self.world.projectors.start(*self.who)


class AnotherJoins(Fault):
    """A third projector joins, takes its share, and is killed."""
    name, weight, lasts = "a third projector joins and is killed", 2, (1.0, 4.0)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.view = dice.choice(VIEWS)
        self.needs = frozenset({f"third projector of {self.view}"})

    def strike(self):
        self.world.projectors.start(self.view, 3)

    def mend(self):
        self.world.projectors.kill(self.view, 3)


class LeasesTakenAway(Fault):
    """To the database all leases of a view are over, while their owners go on: two projectors on one partition."""
    name, weight, lasts = "two projectors on one partition", 4, (0.1, 0.5)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.schema = f"parley_{dice.choice(VIEWS)}"
        self.needs = frozenset({SERVER})

    def strike(self):
        # Given to nobody who runs: whoever comes first takes them, and may be another than the one at work.
        self.world.database.query(
            f"UPDATE {self.schema}.lease SET owner = 'somebody-else', epoch = epoch + 1, "
            "expires = clock_timestamp() - interval '1 second'")


class ProducerKilled(Fault):
    name, weight, lasts = "producer killed", 5, (0.0, 0.3)

    def __init__(self, world, dice):
        super().__init__(world, dice)
        self.producer = dice.choice(world.producers)
        self.detail = self.producer.name

    def strike(self):
        self.producer.kill()


KINDS = [
    BrokerKilled, LeaderKilled, BrokerStopped, AllBrokersStopped, AnswersLost, BrokersCut, BackendTerminated,
    BackendKilled, PostmasterKilled, DatabaseCut, CommitsCut, DiskFull, SerializationFailure, Deadlock, OwnerStopped,
    OwnerPaused, OwnerKilled, AnotherJoins, LeasesTakenAway, ProducerKilled,
]
