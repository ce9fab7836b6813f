"""Field by field: what an answer should be and what it is."""

import datetime
import json

from identity import without_empty

NAMES = ("message", "conversation", "member", "joined", "reaction", "position", "id")


def difference(where, expected, got):
    """One line for each field that differs. Fields the expected object does not have are left alone."""
    if isinstance(expected, dict) and isinstance(got, dict):
        return [line for name in expected for line in field_difference(f"{where}: {name}", name, expected, got)]
    if isinstance(expected, list) and isinstance(got, list):
        return list_difference(where, expected, got)
    if type(expected) is type(got) and expected == got:
        return []
    return [f"{where}: expected {show(expected)} / got {show(got)}"]


def field_difference(where, name, expected, got):
    if name not in got:
        return [f"{where}: expected {show(expected[name])} / got no such field"]
    if name == "content":
        same = without_empty(expected[name]) == without_empty(got[name])
        return [] if same else [f"{where}: expected {show(expected[name])} / got {show(got[name])}"]
    if name == "sentAt" and moment(expected[name]) is not None and moment(expected[name]) == moment(got[name]):
        return []
    return difference(where, expected[name], got[name])


def list_difference(where, expected, got):
    """Entries are matched by what names them, so that one missing does not make all later ones differ."""
    wanted, found = [name_of(entry) for entry in expected], [name_of(entry) for entry in got]
    wanted_names, found_names = set(wanted), set(found)
    lines = []
    for name, entry in zip(wanted, expected):
        if name not in found_names:
            lines.append(f"{where}: expected {show(entry)} / got nothing")
    for name, entry in zip(found, got):
        if name not in wanted_names:
            lines.append(f"{where}: expected nothing / got {show(entry)}")
    if not lines and wanted != found:
        first = [index for index in range(min(len(wanted), len(found))) if wanted[index] != found[index]]
        place = first[0] if first else min(len(wanted), len(found))
        lines.append(f"{where}: order: expected {wanted[place:place + 3]} / got {found[place:place + 3]} at {place}")
    by_name = dict(zip(found, got))
    for name, entry in zip(wanted, expected):
        if name in by_name:
            lines += difference(f"{where}: {name}", entry, by_name[name])
    return lines


def name_of(entry):
    if isinstance(entry, dict):
        return " ".join(f"{name} {entry[name]}" for name in NAMES if name in entry)
    return show(entry)


def moment(text):
    try:
        return datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def show(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 400 else text[:400] + "..."
