"""The executable with both views in a real PostgreSQL, the log on SQLite: several projectors, TLS, a full disk.

PARLEY      the executable; default .build/release/parley

Without a PostgreSQL server these tests are skipped; those that need root say so.
"""

import datetime
import json
import os
import pwd
import signal
import socket
import subprocess
import threading
import time
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from servers.database import NAME, Database, binaries
from servers.place import PARLEY, VIEWS, Place, die_with_parent

LEASE = 10
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of the test's own."""

    def __init__(self, name):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self.signed(self.name, self.key, None, DAY)

    def signed(self, name, key, host, ends):
        """A certificate for the host name, or of an authority; it ends so long from now."""
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(name).issuer_name(self.name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - 30 * DAY).not_valid_after(now + ends)
                   .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True))
        if host is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def write(self, path):
        with open(path, "wb") as file:
            file.write(self.certificate.public_bytes(serialization.Encoding.PEM))

    def write_server(self, directory, host, ends=DAY):
        """Key and certificate of a server of this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.signed(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), key, host, ends)
        paths = os.path.join(directory, "server.key"), os.path.join(directory, "server.crt")
        with open(paths[0], "wb") as file:
            file.write(key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        with open(paths[1], "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        os.chmod(paths[0], 0o600)
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            for path in paths:
                os.chown(path, user.pw_uid, user.pw_gid)
        return paths


@unittest.skipUnless(binaries(), "skipped: no PostgreSQL server in /usr/lib/postgresql or PARLEY_TEST_POSTGRES_BIN")
class PostgresTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Place()
        cls.addClassCleanup(cls.place.close)
        cls.database = Database(cls.place)
        cls.addClassCleanup(cls.database.close)

    def setUp(self):
        self.number = getattr(PostgresTest, "number", 0) + 1
        PostgresTest.number = self.number
        self.data = self.place.path(f"data-{self.number}")
        self.database.make(f"test_{self.number}")
        self.use(self.database.address(f"test_{self.number}"))

    def use(self, url):
        self.environment = {
            **os.environ, "PARLEY_DATA": self.data, "PARLEY_SHARED_STORE": url, "PARLEY_PERSONAL_STORE": url}

    def run_parley(self, *arguments, given=None, **environment):
        return subprocess.run(
            [PARLEY, *arguments], input=given, env={**self.environment, **environment}, capture_output=True)

    def parley(self, *arguments, given=None, **environment):
        done = self.run_parley(*arguments, given=given, **environment)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr.decode()[-1000:]}")
        return done.stdout

    def append(self, commands, seed=1):
        history = self.parley("sample", "--seed", str(seed), "--commands", str(commands), "--members", "30")
        self.parley("append", "-", given=history)

    def start(self, *arguments, before=()):
        process = subprocess.Popen(
            [*before, PARLEY, *arguments], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent)

        def end():
            process.kill()
            process.wait()

        self.addCleanup(end)
        return process

    def rows(self, view):
        status = json.loads(self.parley("status", "--json"))
        return [row for row in status["projections"] if row["projection"] == view]

    def await_rows(self, view, what, condition, seconds):
        deadline = time.monotonic() + seconds
        while not condition(rows := self.rows(view)):
            self.assertLess(time.monotonic(), deadline, f"not within {seconds} s: {what}: {rows}")
            time.sleep(0.1)
        return rows

    # Several projectors

    def test_status_shows_owners_epochs_lag_and_gap_of_two_projectors(self):
        self.append(2_000)
        self.parley("project", "shared", "--once")
        self.append(500, seed=2)
        rows = self.rows("shared")
        self.assertGreater(sum(row["gap"] for row in rows), 0)
        self.assertTrue(all(row["owner"] is None for row in rows), rows)
        self.assertTrue(all(row["lagSeconds"] > 0 for row in rows if row["gap"]), rows)
        epochs = {row["partition"]: row["epoch"] for row in rows}
        first, second = self.start("project", "shared"), self.start("project", "shared")
        rows = self.await_rows(
            "shared", "both have their share, and no gap is left",
            lambda rows: len({row["owner"] for row in rows} - {None}) == 2
            and all(row["gap"] == 0 and row["owner"] for row in rows), 30)
        shares = sorted(sum(row["owner"] == owner for row in rows) for owner in {row["owner"] for row in rows})
        self.assertEqual(shares, [len(rows) // 2, len(rows) - len(rows) // 2])
        self.assertEqual({row["owner"].split("|")[2] for row in rows}, {str(first.pid), str(second.pid)})
        self.assertTrue(all(row["epoch"] > epochs[row["partition"]] and row["lagSeconds"] == 0 for row in rows), rows)
        table = self.parley("status").decode()
        for process in (first, second):
            self.assertRegex(table, rf"\b{process.pid}\b")
        for process in (first, second):
            process.terminate()
            self.assertEqual(process.wait(timeout=10), 143)
        self.assertTrue(all(row["owner"] is None for row in self.rows("shared")))

    def test_another_takes_over_at_once_from_one_that_was_killed_on_the_same_machine(self):
        for view in VIEWS:
            with self.subTest(view):
                self.take_over(view)

    def test_another_takes_over_within_the_lease_from_one_whose_death_it_cannot_see(self):
        before = ("unshare", "--pid", "--fork", "--kill-child")
        if subprocess.run([*before, "true"], capture_output=True).returncode != 0:
            self.skipTest("needs root and unshare: an owner on another machine is played by one that cannot be seen")
        self.take_over("shared", before)

    def take_over(self, view, before=()):
        self.append(300, seed=self.number)
        first = self.start("project", view, before=before)
        self.await_rows(view, "the first owns all", lambda rows: all(row["owner"] for row in rows), 20)
        second = self.start("project", view)
        rows = self.await_rows(
            view, "both have their share", lambda rows: len({row["owner"] for row in rows} - {None}) == 2
            and all(row["owner"] for row in rows), 30)
        epochs = {(row["topic"], row["partition"]): row["epoch"] for row in rows}
        theirs = {key for key, row in zip(epochs, rows) if row["owner"].split("|")[2] != str(second.pid)}
        self.append(300, seed=self.number + 10)
        first.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        first.wait()
        rows = self.await_rows(
            view, "the second owns all", lambda rows: all(
                row["owner"] and row["owner"].split("|")[2] == str(second.pid) for row in rows), LEASE + 5)
        self.assertLess(time.monotonic() - killed, LEASE + 5)
        for key, row in zip(epochs, rows):
            self.assertEqual(row["epoch"], epochs[key] + (1 if key in theirs else 0), key)
        self.await_rows(view, "no gap is left", lambda rows: all(row["gap"] == 0 for row in rows), 20)
        second.terminate()
        self.assertEqual(second.wait(timeout=10), 143)

    # TLS

    def test_a_server_is_trusted_only_by_its_authority_its_name_and_its_time(self):
        ours, other = Authority("ours"), Authority("other")
        trusted = self.place.path("trusted.crt")
        ours.write(trusted)
        self.append(50)
        cases = [
            ("localhost", ours, "localhost", DAY, None),
            ("the wrong name", ours, "db.example.org", DAY, "does not match host name"),
            ("an unknown authority", other, "localhost", DAY, "certificate verify failed"),
            ("a certificate that has expired", ours, "localhost", -DAY, "certificate verify failed"),
        ]
        for what, authority, host, ends, refusal in cases:
            with self.subTest(what):
                self.serve_tls(*authority.write_server(self.database.directory, host, ends))
                self.use(f"postgres://postgres@localhost:{self.database.port}/test_{self.number}"
                         f"?sslmode=verify-full&sslrootcert={trusted}")
                done = self.run_parley("project", "shared", "--once")
                said = done.stderr.decode()
                if refusal is None:
                    self.assertEqual(done.returncode, 0, said)
                else:
                    self.assertEqual(done.returncode, 78, said)
                    self.assertIn(refusal, said)
                    self.assertIn("check sslmode, sslrootcert", said)
        used = self.database.query(
            "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND client_port > 0")
        self.assertEqual(used, [["0"]], "a connection was left")

    def test_a_server_that_goes_away_while_tls_begins_is_not_taken_for_one_that_is_not_trusted(self):
        self.append(50)
        missing = self.place.path("missing.crt")
        for what, answer, mode, code, words in (
                ("it ends", b"S", "sslmode=require", 69, "cannot be reached"),
                ("it has no TLS", b"N", "sslmode=require", 78, "check sslmode"),
                ("its authority's file is not there", b"S", f"sslmode=verify-full&sslrootcert={missing}", 78, missing)):
            with self.subTest(what), socket.create_server(("127.0.0.1", 0)) as server:
                threading.Thread(target=self.answer_once, args=(server, answer), daemon=True).start()
                self.use(f"postgres://postgres@127.0.0.1:{server.getsockname()[1]}/parley?{mode}&gssencmode=disable")
                done = self.run_parley("project", "shared", "--once")
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(words, done.stderr.decode())

    @staticmethod
    def answer_once(server, answer):
        """To whoever asks for TLS, and no more."""
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.recv(8)
                client.sendall(answer)

    def serve_tls(self, key, certificate):
        self.database.query(
            f"ALTER SYSTEM SET ssl_key_file = '{key}'", f"ALTER SYSTEM SET ssl_cert_file = '{certificate}'",
            "ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()", database="postgres")
        deadline = time.monotonic() + 20
        while self.served_certificate() != self.fingerprint(certificate):
            self.assertLess(time.monotonic(), deadline, "the server does not take the certificate")
            time.sleep(0.05)

    def served_certificate(self):
        """Of the certificate that the server shows whoever asks."""
        done = subprocess.run(
            ["openssl", "s_client", "-starttls", "postgres", "-connect", f"127.0.0.1:{self.database.port}"],
            stdin=subprocess.DEVNULL, capture_output=True)
        start = done.stdout.find(b"-----BEGIN CERTIFICATE")
        return x509.load_pem_x509_certificate(done.stdout[start:]).fingerprint(hashes.SHA256()) if start >= 0 else None

    def fingerprint(self, path):
        with open(path, "rb") as file:
            return x509.load_pem_x509_certificate(file.read()).fingerprint(hashes.SHA256())

    # Room

    def test_a_full_disk_is_told_nothing_of_the_batch_is_there_and_it_goes_on_with_room(self):
        if not self.database.has_disk:
            self.skipTest("needs root and mount: the server's disk is made small")
        self.parley("migrate")
        self.append(4_000)
        for view in VIEWS:
            with self.subTest(view):
                self.database.fill()
                done = self.run_parley("project", view, "--once")
                self.assertEqual(done.returncode, 74, done.stderr)
                self.assertIn("the server's disk is full", done.stderr.decode())
                self.assertIn("make room", done.stderr.decode())
                before = self.database.query(
                    f"SELECT (SELECT count(*) FROM parley_{view}.judged), "
                    f"(SELECT coalesce(sum(next_offset), 0) FROM parley_{view}.position)",
                    database=f"test_{self.number}")
                self.assertEqual(before, [["0", "0"]])
                self.database.make_room()
                self.parley("project", view, "--once")
        found = {view: self.parley("dump", view) for view in VIEWS}
        for view in VIEWS:
            store = {f"PARLEY_{view.upper()}_STORE": f"sqlite:{self.place.path(view + '.sqlite')}"}
            self.parley("project", view, "--once", **store)
            self.assertEqual(self.parley("dump", view, **store), found[view], view)


if __name__ == "__main__":
    unittest.main()
