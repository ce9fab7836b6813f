"""Runs the product's reads and follows its pages."""

import json
import subprocess
import threading

PAGES_AT_MOST = 10_000


class Refused(Exception):
    """The product ended in a way the interface does not allow here, or printed what is no JSON."""


class Product:
    def __init__(self, executable, data):
        self.executable = executable
        self.data = data
        self.runs = 0
        self.lock = threading.Lock()

    def run(self, arguments):
        """Exit code and standard output."""
        code, output, _ = self.run_all(arguments)
        return code, output

    def run_all(self, arguments):
        with self.lock:
            self.runs += 1
        done = subprocess.run([self.executable, *arguments, "--data", self.data, "--json"], capture_output=True,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    def answer(self, arguments):
        code, output, errors = self.run_all(arguments)
        if code != 0:
            tail = errors.decode("utf-8", "replace").strip()[-300:]
            raise Refused(f"{' '.join(arguments)}: expected exit 0 / got exit {code}: {tail}")
        return output

    def lines(self, arguments):
        output = self.answer(arguments)
        try:
            return [json.loads(line) for line in output.decode("utf-8").split("\n") if line.strip()]
        except ValueError as error:
            raise Refused(f"{' '.join(arguments)}: expected JSON Lines / got {error}") from error

    def object(self, arguments):
        lines = self.lines(arguments)
        if len(lines) != 1 or not isinstance(lines[0], dict):
            raise Refused(f"{' '.join(arguments)}: expected one JSON object / got {len(lines)} lines")
        return lines[0]

    def pages(self, arguments, limit, forward, start=None):
        """The objects of all pages, from the first (or after `start`) on; an empty page ends them as null does."""
        option, token_name = ("--after", "next") if forward else ("--before", "previous")
        pages, token = [], start
        while len(pages) < PAGES_AT_MOST:
            page = self.object([*arguments, "--limit", str(limit)] + ([option, token] if token is not None else []))
            name = "conversations" if arguments[0] == "mailbox" else "messages"
            self.check_fields(arguments, page, [name, "next", "token"] + ([] if forward else ["previous"]))
            items = page[name]
            self.check_page(arguments, items, limit)
            pages.append(page)
            token = page[token_name]
            if token is None or not items:
                return pages
        raise Refused(f"{' '.join(arguments)}: expected an end of the pages / got {PAGES_AT_MOST} of them")

    def paged_lines(self, arguments, limit):
        """The items of all pages of a list printed as JSON Lines."""
        found, token = [], None
        for _ in range(PAGES_AT_MOST):
            lines = self.lines([*arguments, "--limit", str(limit)] + (["--after", token] if token is not None else []))
            if not lines or set(lines[-1]) != {"next", "token"}:
                raise Refused(f"{' '.join(arguments)}: expected a last line of next and token / got {lines[-1:]}")
            self.check_page(arguments, lines[:-1], limit)
            found += lines[:-1]
            token = lines[-1]["next"]
            if token is None or len(lines) == 1:
                return found
        raise Refused(f"{' '.join(arguments)}: expected an end of the pages / got {PAGES_AT_MOST} of them")

    def check_fields(self, arguments, page, names):
        missing = [name for name in names if name not in page]
        if missing:
            raise Refused(f"{' '.join(arguments)}: expected {missing} / got {list(page)}")

    def check_page(self, arguments, items, limit):
        if len(items) > limit:
            raise Refused(f"{' '.join(arguments)}: expected at most {limit} entries / got {len(items)}")
