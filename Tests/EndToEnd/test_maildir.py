"""A maildir of everything that is wrong with mail, imported, replicated, and judged: nothing crashes, nothing is dropped without
being named, and nobody sees a mail of which they have no copy.

PARLEY        the executable; default .build/release/parley
PARLEY_MAILS  how many mails there are; default 300
PARLEY_SEED   printed, default random
"""

import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

from legacy_model import LegacyModel, Seen, differences, member, participant_differences, sqlite_rows

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PARLEY = os.environ.get("PARLEY", os.path.join(ROOT, ".build", "release", "parley"))
MAILS = int(os.environ.get("PARLEY_MAILS", "300"))
SEED = int(os.environ.get("PARLEY_SEED", random.SystemRandom().randrange(1 << 32)))
OWNER = "p0@x.example"

DATES = [b"21 Nov 97 9:5 GMT", b"whenever", b"", b"1 Jan 3000 00:00:00 +0000", b"32 Foo 2001 99:99:99", b"\xff\xfe", b"((((",
         b"Mon, 1 Jan 1969 00:00:00 +0000", b"1 Jan 2020 00:00:00 +9999", b"Thu, 1 Jan 1970 00:00:00 -1400",
         b"1 Jan 99999999999999999999 00:00", b"1 Jan -5 00:00:00", b"2020-01-02T03:04:05Z"]
SUBJECTS = [b"Engines", b"Re: Engines", b"AW: [list] Engines", b"", b"=?bogus?z?xx?=", b"=?utf-8?b?////?=", b"x" * 5000,
            b"a\x00b\x01", b"=?iso-8859-1?q?caf=E9?=", b"Re: " * 500 + b"x", "\u202e rtl".encode()]
TYPES = [None, b"text/plain; charset=utf-8", b"text/plain; charset=koi8-r", b"text/html; charset=utf-16", b"text/plain; charset=\"",
         b"image/png; name=\"a\x01\x02" + b"n" * 500 + b"\"", b"application/octet-stream; name*=utf-8''%e2%82%ac%00",
         b"message/rfc822", b";", b"multipart/mixed", b"multipart/mixed; boundary=\"\""]
ENCODINGS = [None, b"base64", b"quoted-printable", b"8bit", b"x-uuencode", b"BASE64 "]
BODIES = [b"hello\n", b"", b"\"\\" * 40_000, b"\x01" * 60_000, "\u20ac".encode() * 30_000, b"=00=01=E9=\n" * 50, b"<" * 20_000,
          b"<p>" * 2_000 + b"<script>" * 500 + b"&#0;&#1114112;&#x41;", b"line\r\nFrom here on\r\n\r\nFrom me\r\n.\r\n"]
FOLDERS = [b"", b"/.Sent", b"/.Archive", b"/.caf\xe9", "/.Entw\u00fcrfe".encode(), b"/sub/deep/box", b"/." + b"x" * 200]


class Maildir:
    """Mails by the seed, and things that are none."""

    def __init__(self, path, seed):
        self.path, self.dice, self.made, self.files = os.fsencode(path), random.Random(seed), [], 0
        # What an import must name, by the end of its path.
        self.others = []
        for folder in FOLDERS:
            for name in (b"/cur", b"/new", b"/tmp"):
                os.makedirs(self.path + folder + name)
        for number in range(MAILS):
            self.put(number)
        for number in range(2):
            self.write(b"/cur/large%d:2,S" % number, self.large(number))
        self.put_others()

    def write(self, name, text):
        with open(self.path + name, "wb") as file:
            file.write(text)
        self.files += 1

    def put(self, number):
        dice = self.dice
        place = dice.choice(FOLDERS) + dice.choice([b"/cur/", b"/cur/", b"/new/"])
        name = b"%d.host" % number + dice.choice([b"", b"", b"-\xff\xfe", b"-new\nline", "-\u00fc".encode(), b" ;#?%"])
        if place.endswith(b"/cur/"):
            name += b":2," + dice.choice([b"", b"S", b"FS", b"T", b"D", b"RS", b"junk\xff"])
        text = dice.choice(self.made) if self.made and dice.random() < 0.1 else self.mail(number)
        self.made.append(text)
        self.write(place + name, text)
        if dice.random() < 0.05:
            os.utime(self.path + place + name, (dice.choice([-10**9, 0, 2**33, 2**36]),) * 2)

    def address(self):
        dice = self.dice
        person = b"p%d@x.example" % dice.randrange(10)
        return dice.choice([
            person, person, person, b'"A, B" <%s>' % person, b"undisclosed-recipients:;", b"nonsense", b"<>", b"@",
            b"a@" + b"x" * 400, b"=?utf-8?q?=C3=A9?= <%s>" % person, b"group: %s, p9@x.example;" % person,
            b'"unclosed <%s>' % person])

    def mail(self, number):
        dice, lines = self.dice, []

        def add(name, value, chance=1.0):
            if dice.random() < chance:
                lines.append(name + b": " + value)

        other = b"<%d@x>" % dice.randrange(MAILS)
        add(b"Message-ID", dice.choice([b"<%d@x>" % number] * 4 + [other, b"<>", b"<" + b"y" * 2_000 + b">", b"none"]), 0.9)
        add(b"From", self.address(), 0.9)
        many = b", ".join(b"m%d@x.example" % person for person in range(300))
        add(b"To", dice.choice([many] + [b", ".join(self.address() for _ in range(dice.randrange(1, 4)))] * 40), 0.9)
        add(b"Cc", self.address(), 0.3)
        add(b"Bcc", self.address(), 0.2)
        add(b"Date", dice.choice(DATES + [b"Fri, 21 Nov 1997 09:%02d:06 -0600" % (number % 60)] * 13), 0.9)
        add(b"Subject", dice.choice(SUBJECTS + [b"Re: Engines"] * 10))
        add(b"References", b" ".join(b"<%d@x>" % dice.randrange(MAILS) for _ in range(dice.choice([1, 3, 50]))), 0.4)
        add(b"In-Reply-To", other, 0.3)
        body = dice.choice(BODIES + [dice.randbytes(500), base64.encodebytes(dice.randbytes(3_000))])
        if dice.random() < 0.2:
            head, body = self.parts(dice.choice([1, 3, 30])).split(b"\n\n", 1)
            lines.append(head)
        else:
            for name, value in ((b"Content-Type", dice.choice(TYPES)), (b"Content-Transfer-Encoding", dice.choice(ENCODINGS))):
                if value is not None:
                    add(name, value)
        if dice.random() < 0.02:
            lines = [dice.randbytes(200)]
        end = dice.choice([b"\n", b"\r\n"])
        text = end.join(lines) + end + (end if dice.random() < 0.95 else b"") + body
        if dice.random() < 0.05:
            mark = b"From ada@x Thu Jan  1 00:00:00 1970\n"
            text = mark + text + b"\n\n" + mark + b"Subject: second\n\nx\n"
        return text[:dice.randrange(len(text) + 1)] if dice.random() < 0.05 else text

    def parts(self, depth):
        """Multiparts in multiparts."""
        inner = b"Content-Type: text/plain\n\nleaf\n"
        for level in range(depth):
            mark = b"--b%d\n" % level
            file = b"Content-Type: application/x\nContent-Disposition: attachment; filename=\"" + b"\xe9\"\\" * 60 + b"\"\n\nx\n"
            inner = (b"Content-Type: multipart/mixed; boundary=b%d\n\n" % level + mark + inner
                     + (mark + file) * self.dice.choice([0, 1, 45 if level == 0 else 1])
                     + (b"--b%d--\n" % level if self.dice.random() < 0.8 else b""))
        return inner

    @staticmethod
    def large(number):
        """20 MB of attachment."""
        return (b"Message-ID: <large%d@x>\nFrom: p1@x.example\nTo: p0@x.example\nDate: 21 Nov 1997 09:55:06 +0000\n" % number
                + b"Content-Type: multipart/mixed; boundary=z\n\n--z\n\nsee file\n--z\nContent-Type: application/zip; name=a.zip\n"
                + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(bytes(range(256)) * 61_440) + b"--z--\n")

    def put_others(self):
        def path(name):
            self.others.append(os.fsdecode(name))
            return self.path + name
        os.symlink(self.path, path(b"/loop1"))
        os.symlink(self.path, path(b"/sub/loop3"))
        os.symlink(b"..", path(b"/sub/deep/loop2"))
        os.symlink(b"/nowhere/at/all", path(b"/cur/dangling"))
        os.mkfifo(path(b"/cur/fifo"))
        os.mkdir(path(b"/cur/directory"))
        for name in (b"/cur/.hidden", b"/dovecot-uidlist", b"/tmp/half"):
            with open(path(name), "wb") as file:
                file.write(b"From: a@x\n\nx")
        self.write(b"/cur/empty", b"")
        self.others.append("/cur/empty")
        os.makedirs(self.path + b"/d" * 25)
        self.others.append("/d" * 17)
        if os.geteuid() != 0:
            os.makedirs(path(b"/.locked"), 0)


class OddMail(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="parley-maildir-")
        self.addCleanup(self.directory.cleanup)
        self.data = os.path.join(self.directory.name, "data")

    def parley(self, *arguments):
        done = subprocess.run([PARLEY, *arguments, "--data", self.data], capture_output=True, timeout=600)
        self.assertEqual(done.returncode, 0, f"seed {SEED}: {arguments}: {done.stderr.decode()[-2000:]}")
        return done.stdout.decode(), done.stderr.decode()

    def imported(self, maildir, *options):
        output, errors = self.parley("legacy", "import-maildir", os.fsdecode(maildir.path), *options)
        report = json.loads(output)
        unreadable = [line for line in errors.splitlines() if line.endswith(": unreadable")]
        left_out = sum(report["odd"].get(why, 0) for why in ("draft", "mbox"))
        left_out += sum(1 for line in unreadable if "/cur/" in line or "/new/" in line)
        self.assertEqual(report["files"], maildir.files, f"seed {SEED}")
        self.assertEqual(report["messages"] + report["known"] + left_out, report["files"], f"seed {SEED}: {report}")
        named = [line.rsplit(": ", 1)[0] for line in errors.splitlines() if not line.startswith("parley: ")]
        for name in maildir.others:
            self.assertEqual(sum(1 for path in named if path.endswith(name)), 1, f"seed {SEED}: {name} is not named")
        # A line a file, whatever its name is.
        self.assertEqual(len(named), len(set(named)), f"seed {SEED}")
        return report

    def test_everything_is_taken_or_named_and_nobody_sees_what_they_have_no_copy_of(self):
        print(f"seed {SEED}, {MAILS} mails", file=sys.stderr)
        maildir = Maildir(os.path.join(self.directory.name, "mail"), SEED)
        report = self.imported(maildir, "--as", OWNER)
        again = self.imported(maildir, "--as", OWNER)
        self.assertEqual((again["messages"], again["known"]), (0, report["messages"] + report["known"]), f"seed {SEED}")
        self.assertEqual(again["threads"], report["threads"])
        self.parley("legacy", "relay", "--once")
        self.parley("replicate", "--once")
        self.assertEqual(self.parley("lanes", "list", "--json")[0], "", f"seed {SEED}: something cannot be replicated")
        self.assertEqual(json.loads(self.parley("replicate", "audit", "--json")[0])["missing"], 0)
        for view in ("shared", "personal"):
            self.parley("project", view, "--once")
        self.judge(LegacyModel(sqlite_rows(os.path.join(self.data, "legacy.sqlite"))))

    def judge(self, model):
        found = participant_differences(model, self.parley("dump", "shared")[0].splitlines())
        self.assertEqual(found[:5], [], f"seed {SEED}: {len(found)} differences")
        owners = [OWNER] + [owner for owner in model.owners if owner.startswith("p")] + model.owners[:10]
        for owner in owners:
            export = self.parley("export", "--as", member(owner), "--json")[0].rstrip("\n").split("\n")
            badge = json.loads(self.parley("mailbox", "--as", member(owner), "--json", "--limit", "1")[0])["badge"]
            found = differences(model.of(owner), Seen(export, badge))
            self.assertEqual(found[:5], [], f"seed {SEED}: {owner}: {len(found)} differences")


if __name__ == "__main__":
    unittest.main()
