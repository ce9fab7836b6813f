"""Three brokers of a real Apache Kafka (KRaft), each behind a proxy that clients are told the address of."""

import os
import signal
import subprocess
import time

from confluent_kafka.admin import AdminClient

from .place import die_with_parent, free_ports, is_alive
from .proxies import Proxy

SCRIPT = os.path.join(os.environ.get("KAFKA_HOME", ""), "kafka")
COUNT = 3


class Brokers:
    def __init__(self, place):
        self.directory = place.path("kafka")
        self.first = free_ports(COUNT, 100, 200)
        self.proxies = []
        self.restarts = {}
        self.prepare()
        self.script("start")
        self.bootstrap = ",".join(f"127.0.0.1:{proxy.port}" for proxy in self.proxies)
        self.admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})

    def prepare(self):
        """Has the script format three brokers, and has them tell clients the proxies' addresses."""
        os.mkdir(self.directory)
        starting = subprocess.Popen(
            [SCRIPT, "start", "--dir", self.directory, "--brokers", str(COUNT), "--port", str(self.first), "--heap", "256m"],
            stdout=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent)
        deadline = time.monotonic() + 120
        while not all(self.pid(number) for number in self.numbers) and starting.poll() is None:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the brokers are not made within 120 s: see {self.directory}")
            time.sleep(0.05)
        starting.kill()
        starting.wait()
        for number in self.numbers:
            self.kill(number)
            proxy = Proxy(self.first + number - 1)
            self.proxies.append(proxy)
            path = os.path.join(self.directory, f"broker-{number}.properties")
            with open(path, "a") as file:
                internal = self.first + 199 + number
                file.write(f"advertised.listeners=CLIENT://127.0.0.1:{proxy.port},INTERNAL://127.0.0.1:{internal}\n")

    numbers = range(1, COUNT + 1)

    def script(self, *arguments):
        return subprocess.run(
            [SCRIPT, *arguments, "--dir", self.directory], check=True, stdout=subprocess.PIPE, text=True).stdout

    def tool(self, name, *arguments):
        done = subprocess.run(
            [SCRIPT, "tool", name, "--bootstrap-server", self.bootstrap, *arguments], capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"{name}: exit {done.returncode}: {done.stderr.decode()[-1000:]}")
        return done.stdout

    def pid(self, number):
        try:
            with open(os.path.join(self.directory, f"broker-{number}.pid")) as file:
                return int(file.read() or "0")
        except FileNotFoundError:
            return 0

    def is_running(self, number):
        """Whether it has a process that is not being started again."""
        restart = self.restarts.get(number)
        if restart is not None and restart.poll() is None:
            return False
        return is_alive(self.pid(number))

    def kill(self, number):
        process = self.pid(number)
        os.kill(process, signal.SIGKILL)
        # Gone altogether: the script takes one that nobody has waited for yet for a living one.
        while os.path.exists(f"/proc/{process}"):
            time.sleep(0.02)

    def begin_restart(self, number):
        """Starts it again; it takes some seconds, which nobody waits for here."""
        self.restarts[number] = subprocess.Popen(
            [SCRIPT, "restart", str(number), "--dir", self.directory], stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)

    def await_restarts(self):
        for number, restart in self.restarts.items():
            said = restart.communicate(timeout=120)[1]
            if restart.returncode != 0:
                raise RuntimeError(f"broker {number} does not start again: {said}")
        self.restarts.clear()

    def signal(self, number, which):
        os.kill(self.pid(number), which)

    def leader(self, topic, partition):
        """The number of the broker that leads the partition, as the brokers say it."""
        return self.admin.list_topics(topic, timeout=20).topics[topic].partitions[partition].leader

    def close(self):
        for proxy in self.proxies:
            proxy.close()
        for number in self.numbers:
            if self.pid(number) and is_alive(self.pid(number)):
                self.kill(number)
        for restart in self.restarts.values():
            restart.kill()
            restart.communicate()
