"""Stands in for the product where there is none: turns `parley append` lines into the lines of `parley log --open`.

It admits everything, puts all records of a topic into one partition and lets a clock tick, sometimes not at all, so
that ords of one microsecond have to be told apart.
"""

import json
import random

from history import PERSONAL
from identity import direct_conversation_id, message_id


def admit(line):
    record = dict(line)
    if record["command"] == "sendDirect":
        record["conversation"] = direct_conversation_id(record["actor"], record["to"])
    if record["command"] in ("send", "sendDirect"):
        record.setdefault("clientToken", record["id"])
        record["message"] = message_id(record["conversation"], record["actor"], record["clientToken"])
    return record


def make_log(lines, first_microsecond=1_760_000_000_000_000, seed=0):
    rng = random.Random(seed)
    time = first_microsecond
    offsets = {"conversation-commands": 0, "member-commands": 0}
    log = []
    for line in lines:
        time += rng.choice([0, 0, 0, 1, 40, 900])
        topic = "member-commands" if line["command"] in PERSONAL else "conversation-commands"
        log.append({"position": f"{topic}/0@{offsets[topic]}", "appendTime": time, "origin": "native", "verdicts": [],
                    "record": admit(line)})
        offsets[topic] += 1
    return [json.loads(json.dumps(line)) for line in log]
