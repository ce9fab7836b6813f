"""The comparison with the legacy tables can fail: every kind of difference, planted in what is shown, is found; nothing else is."""

import copy
import json
import unittest

from legacy_model import (
    CONVERSATION_FIELDS, MESSAGE_FIELDS, LegacyModel, Seen, conversation,
    differences, member, message, participant_differences, time_text)

NOW = 1_700_000_000_000_000


def copies(key, sender, owners, sent, **fields):
    own = {"body": f"text of {key}", "attachments": "[]", "in_reply_to": None, "read_at": None, "starred": 0, "deleted": 0,
           "deleted_by": None, "edited_at": None, "source_version": NOW + sent}
    own.update(fields)
    return [dict(own, thread_id="t", owner=owner, dedup_key=key, sender=sender, sent_at=NOW + sent) for owner in owners]


def rows():
    """A thread of three, one of whom has left; bob's copies are of every kind."""
    everybody = ["ada", "bob", "cy"]
    found = copies("k0", "ada", everybody, 0, read_at=NOW + 5)
    found += copies("k1", "ada", everybody, 1, edited_at=NOW + 6)
    found += copies("k2", "bob", everybody, 2, in_reply_to="k1")
    found += copies("k3", "ada", ["ada", "bob"], 30, body=None, deleted=2, deleted_by="ada")
    found += copies("k4", "ada", ["ada"], 31) + copies("k4", "ada", ["bob"], 31, deleted=1)
    found += copies("k5", "ada", ["ada", "bob"], 32, starred=1, attachments=json.dumps(
        [{"uri": "file:a", "mediaType": "text/plain", "name": "a.txt", "bytes": 3}]))
    participant = {"thread_id": "t", "joined_at": NOW, "left_at": None, "folder": "inbox"}
    other = [dict(participant, thread_id="u", owner=owner, joined_at=NOW - 9, folder="archive") for owner in everybody]
    return {
        "thread": [{"thread_id": name, "subject": f"title {name}", "creator": "ada", "created_at": NOW} for name in "tu"],
        "participant": [dict(participant, owner="ada"), dict(participant, owner="bob"),
                        dict(participant, owner="cy", left_at=NOW + 20)] + other,
        "message_copy": found,
    }


def export(expected):
    """What a product that is right prints."""
    lines = []
    ordered = sorted(expected["conversations"].items(), key=lambda item: (-item[1]["lastActivity"], item[0]))
    for place, row in ordered:
        lines.append(json.dumps(dict(row, conversation=place)))
        inside = [(key[1], row) for key, row in expected["messages"].items() if key[0] == place]
        for name, row in sorted(inside, key=lambda item: (item[1]["ord"], item[0])):
            content = {"text": row["text"]} if row["state"] == "live" else None
            if row["attachments"]:
                content["attachments"] = [dict(zip(("uri", "mediaType", "name", "bytes"), item))
                                          for item in row["attachments"]]
            entry = {key: value for key, value in row.items() if key not in ("text", "attachments")}
            lines.append(json.dumps(dict(entry, conversation=place, message=name, content=content)))
    return lines


class Planted(unittest.TestCase):
    def setUp(self):
        self.model = LegacyModel(rows())
        self.expected = self.model.of("bob")
        self.seen = Seen(export(self.expected), self.expected["badge"])
        self.thread, self.other = conversation("t"), conversation("u")

    def found(self, seen, without=frozenset()):
        return differences(self.expected, seen, without)

    def test_what_the_tables_say_is_known_by_hand(self):
        row = self.expected["conversations"][self.thread]
        self.assertEqual((row["title"], row["participantCount"], row["archived"]), ("title t", 2, False))
        # Two of ada's that bob has not read; what is deleted does not count, nor what he sent.
        self.assertEqual((row["unread"], row["lastActivity"], self.expected["badge"]), (2, NOW + 32, 1))
        self.assertTrue(self.expected["conversations"][self.other]["archived"])
        states = [self.expected["messages"][self.thread, message("t", f"k{number}")]["state"] for number in range(6)]
        self.assertEqual(states, ["live", "live", "live", "deleted", "hidden", "live"])
        read = [self.expected["messages"][self.thread, message("t", f"k{number}")]["read"] for number in range(6)]
        self.assertEqual(read, [True, False, True, False, False, False])
        self.assertEqual(self.model.of("cy")["conversations"][self.thread]["lastActivity"], NOW + 2)
        self.assertEqual(self.model.of("cy")["conversations"][self.thread]["left"], NOW + 20)
        self.assertEqual(len(self.model.of("cy")["messages"]), 3)
        self.assertEqual(time_text(NOW), "2023-11-14T22:13:20.000000Z")

    def test_what_is_right_is_equal(self):
        self.assertEqual(self.found(self.seen), [])

    def test_every_field_of_every_message_and_conversation_is_compared(self):
        kinds = [("messages", MESSAGE_FIELDS), ("conversations", CONVERSATION_FIELDS)]
        planted = 0
        for kind, fields in kinds:
            for key in self.expected[kind]:
                for field in fields:
                    seen = copy.deepcopy(self.seen)
                    row = getattr(seen, kind)[key]
                    row[field] = not row[field] if isinstance(row[field], bool) else "something else"
                    found = self.found(seen)
                    self.assertEqual(len(found), 1, (kind, key, field, found))
                    self.assertIn(f" {field}: ", found[0])
                    planted += 1
        self.assertEqual(planted, 6 * 11 + 2 * 12)

    def test_what_is_lost_and_what_is_too_much_is_found(self):
        key = self.thread, message("t", "k0")
        lost = copy.deepcopy(self.seen)
        del lost.messages[key]
        self.assertRegex(self.found(lost)[0], "message .* is missing")
        foreign = copy.deepcopy(self.seen)
        foreign.messages[self.thread, message("t", "secret")] = foreign.messages[key]
        self.assertRegex(self.found(foreign)[0], "is not the owner's to see")
        lost = copy.deepcopy(self.seen)
        del lost.conversations[self.other]
        self.assertRegex(self.found(lost)[0], "conversation .* is missing")
        foreign = copy.deepcopy(self.seen)
        foreign.conversations[conversation("v")] = foreign.conversations[self.other]
        self.assertRegex(self.found(foreign)[0], "conversation .* is not the owner's to see")

    def test_another_order_or_badge_is_found(self):
        seen = copy.deepcopy(self.seen)
        seen.order[self.thread].reverse()
        self.assertEqual(self.found(seen), [f"conversation {self.thread}: order of messages"])
        seen = copy.deepcopy(self.seen)
        seen.conversations = dict(reversed(seen.conversations.items()))
        self.assertEqual(self.found(seen), ["order of conversations"])
        seen = copy.deepcopy(self.seen)
        seen.badge += 1
        self.assertEqual(self.found(seen), ["badge: 2, not 1"])

    def test_conversations_left_out_are_not_compared_and_no_others(self):
        seen = copy.deepcopy(self.seen)
        seen.conversations[self.thread]["title"] = "something else"
        seen.messages[self.thread, message("t", "k0")]["text"] = "something else"
        self.assertEqual(self.found(seen, without={self.thread}), [])
        self.assertEqual(len(self.found(seen, without={self.other})), 2)

    def test_of_two_copies_of_one_owner_the_last_change_counts(self):
        everything = rows()
        everything["message_copy"] += copies("k1", "ada", ["bob"], 1, read_at=NOW + 7, source_version=NOW + 900)
        expected = LegacyModel(everything).of("bob")
        self.assertTrue(expected["messages"][self.thread, message("t", "k1")]["read"])
        self.assertEqual(expected["conversations"][self.thread]["unread"], 1)

    def test_the_numbers_are_capped(self):
        everything = rows()
        for number in range(150):
            everything["message_copy"] += copies(f"more{number}", "ada", ["bob"], 40 + number)
        row = LegacyModel(everything).of("bob")["conversations"][self.thread]
        self.assertEqual((row["unread"], row["unreadCapped"]), (100, True))

    def test_participants_are_compared_by_their_last_stay(self):
        def dump(stays):
            return [json.dumps({"table": "participant", "conversation": place, "member": who, "joined_ord": joined,
                                "left_ord": left}) for (place, who), (joined, left) in stays.items()]
        stays = self.model.stays()
        earlier = [json.dumps({"table": "participant", "conversation": self.thread, "member": member("bob"),
                               "joined_ord": NOW - 50, "left_ord": NOW - 40}), json.dumps({"table": "message"})]
        self.assertEqual(participant_differences(self.model, earlier + dump(stays)), [])
        key = self.thread, member("bob")
        for wrong in ((NOW + 1, None), (NOW, NOW + 9)):
            self.assertEqual(len(participant_differences(self.model, dump({**stays, key: wrong}))), 1)
        gone = {place: stay for place, stay in stays.items() if place != key}
        self.assertRegex(participant_differences(self.model, dump(gone))[0], "is missing")
        foreign = {**stays, (self.thread, member("eve")): (NOW, None)}
        self.assertRegex(participant_differences(self.model, dump(foreign))[0], "is in no legacy thread")


if __name__ == "__main__":
    unittest.main()
