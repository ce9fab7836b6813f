"""What must hold while faults strike, and in the end."""

import json
import subprocess
import sys
import time
from collections import defaultdict

from servers.database import Unanswered
from .log_reader import TOPICS
from servers.place import MODEL, PARLEY, VIEWS

READ = 48       # of Schemas/record.proto; only the last read of a row leaves its id


class PositionCheck:
    """The stored position is never ahead of the rows: whatever is below it has left its id in the view.

    Positions and rows come from one statement, so from one state of the database."""

    MOST = 20_000

    def __init__(self, database, view, reader):
        self.database = database
        self.view = view
        self.reader = reader
        self.checked = defaultdict(int)     # by partition: everything below was found
        self.runs = 0

    def run(self):
        """Positions and rows as they are now. Returns positions whose records left nothing."""
        rows, most = [], defaultdict(int)
        for (topic, partition), records in self.reader.records.items():
            first = self.checked[topic, partition]
            for offset in range(first, min(len(records), first + self.MOST)):
                rows.append((TOPICS.index(topic), partition, offset, records[offset]))
            most[topic, partition] = min(len(records), first + self.MOST)
        answers = self.database.query(self.statement(rows))
        self.runs += 1
        missing = []
        for kind, topic, partition, offset in answers:
            name = TOPICS[int(topic)], int(partition)
            if kind == "missing":
                missing.append(f"{name[0]}/{name[1]}@{offset} has no row in the {self.view} view, and is below its position")
            else:
                self.checked[name] = max(self.checked[name], min(int(offset), most[name]))
        return missing

    def statement(self, rows):
        """Positions, and records below them without a row."""
        schema = f"parley_{self.view}"
        rows = [row for row in rows if self.view == "personal" or row[0] == 0]
        columns = zip(*((topic, partition, offset, r.conversation, r.actor, r.id, r.kind)
                        for topic, partition, offset, r in rows)) if rows else [()] * 7
        types = ["int", "int", "bigint", "uuid", "uuid", "uuid", "int"]
        arrays = ", ".join(
            "'{" + ",".join(str(value) for value in column) + "}'::" + kind + "[]" for column, kind in zip(columns, types))
        return f"""
            WITH p AS (SELECT topic::int, partition, next_offset FROM {schema}.position)
            SELECT 'position', topic, partition, next_offset FROM p
            UNION ALL
            SELECT 'missing', r.topic, r.partition, r.record_offset
            FROM unnest({arrays}) AS r (topic, partition, record_offset, conversation, actor, command, kind)
            JOIN p USING (topic, partition)
            WHERE r.record_offset < p.next_offset AND NOT ({self.condition(schema)})"""

    def condition(self, schema):
        """Every id of a conversation stays in `judged`, of a member in `member_judged`; of reads only the last one's."""
        of_conversation = f"""EXISTS (SELECT 1 FROM {schema}.judged j
            WHERE j.conversation = r.conversation AND j.command = r.command)"""
        if self.view == "shared":
            return of_conversation
        return f"""CASE WHEN r.topic = 0 THEN {of_conversation}
            WHEN r.kind = {READ} THEN EXISTS (SELECT 1 FROM {schema}.personal_conversation c
                WHERE c.member = r.actor AND c.conversation = r.conversation AND c.last_read_id IS NOT NULL)
            ELSE EXISTS (SELECT 1 FROM {schema}.member_judged j
                WHERE j.member = r.actor AND j.command = r.command) END"""


def acknowledged_and_lost(producers, log):
    """How many commands were acknowledged, and those that are not where it was said."""
    count, lost = 0, []
    for producer in producers:
        for answers in producer.answered:
            for answer in answers:
                if "position" not in answer:
                    lost.append(f"{producer.name}: line {answer['line']} of a valid history was refused: {answer}")
                    continue
                count += 1
                partition, offset = answer["position"].split("@")
                topic, number = partition.split("/")
                records = log.get((topic, int(number)), [])
                if int(offset) >= len(records) or records[int(offset)].id != answer["id"]:
                    lost.append(f"{producer.name}: {answer['id']} is not at {answer['position']}")
    return count, lost


def order_breaks(producers, log):
    """Commands of one conversation (personal ones: of one member) that do not come in the log as they were acknowledged."""
    firsts, positions = {}, {}
    for (topic, partition), records in log.items():
        for offset, record in enumerate(records):
            lane = record.conversation if topic == TOPICS[0] else record.actor
            firsts.setdefault((topic, lane, record.id), offset)
            positions[topic, partition, offset] = lane
    breaks = []
    for producer in producers:
        for answers in producer.answered:
            last = {}
            for answer in answers:
                partition, offset = answer["position"].split("@")
                topic, number = partition.split("/")
                lane = positions.get((topic, int(number), int(offset)))
                first = firsts.get((topic, lane, answer["id"]), -1)
                said, seen = last.get((topic, lane), (-1, -1))
                if int(offset) <= said or first <= seen:
                    breaks.append(f"{producer.name}: {answer['id']} at {answer['position']}, first at {first}, behind one "
                                  f"acknowledged earlier at {said}, first at {seen}")
                last[topic, lane] = int(offset), first
    return breaks


def await_positions(deployment, ends, seconds):
    """The status, once every projection has come as far as `ends`; a failure when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        status = json.loads(deployment.run("status", "--json"))
        behind = [row for row in status["projections"] if row["position"] < ends.get((row["topic"], row["partition"]), 0)]
        if not behind:
            return status
        if time.monotonic() > deadline:
            raise RuntimeError(f"{seconds} s after everything was mended, these have not come to {ends}: {behind}")
        time.sleep(0.2)


def differences_from_model(deployment, seed, members):
    """What the reference model of Tests/Model answers otherwise, of some members."""
    compared = subprocess.run(
        [sys.executable, f"{MODEL}/compare.py", "--parley", PARLEY, "--data", deployment.data, "--members",
         str(members), "--conversations", "2", "--messages", "1", "--seed", str(seed), "--jobs", "4"],
        env=deployment.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return "" if compared.returncode == 0 else compared.stdout.decode(errors="replace")[-4_000:]


def dumps(deployment, **environment):
    return {view: deployment.run("dump", view, **environment) for view in VIEWS}


def first_difference(one, other):
    for number, (left, right) in enumerate(zip(one.splitlines(), other.splitlines())):
        if left != right:
            return f"row {number}: {left[:300]!r} / {right[:300]!r}"
    return f"{len(one.splitlines())} rows / {len(other.splitlines())} rows"


def check_positions(checks, patiently=False):
    """What the checks find; nothing, when the database is away and that is no reason to wait."""
    found, deadline = [], time.monotonic() + 30
    for check in checks:
        while True:
            try:
                found += check.run()
                break
            except Unanswered:
                if not patiently or time.monotonic() > deadline:
                    break
                time.sleep(0.2)
    return found
