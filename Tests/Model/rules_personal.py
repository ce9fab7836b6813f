"""Proves rules 19 to 28 of SEMANTICS in the model, the export and the computed ids."""

import unittest

from history import ANN, BOB, ROOM, History
from identity import direct_conversation_id, message_id, uuid5
from model_case import ModelTest, cid, msg
from parley_model import Model


class PersonalMetadata(ModelTest):
    def unread(self, h, member=ANN):
        return self.row(Model(h.lines), member)["unread"]

    def test_rule_19_the_marker_is_the_greater_of_private_and_public(self):
        h = History(ANN, BOB)
        one, two, three = h.send(BOB), h.send(BOB), h.send(BOB)
        h.add("read", ANN, upTo=one["appendTime"])
        h.add("read", ANN, upToMessage=msg(two), private=True)
        self.assertEqual(self.unread(h), 1)
        self.assertEqual(Model(h.lines).receipts(ROOM, BOB),
                         [{"member": ANN, "readUpTo": one["appendTime"]}, {"member": BOB, "readUpTo": None}])
        h.add("read", ANN, upTo=0)
        self.assertEqual(self.unread(h), 1)
        later = h.add("read", ANN, upToMessage=message_id(ROOM, BOB, "later"))
        self.expect(h, (later, "orphaned"))
        h.send(BOB, token="later")
        self.assertEqual(self.unread(h), 0)
        self.expect(h, (later, "accepted"))
        self.assertTrue(Model(h.lines).message(ROOM, msg(three), ANN)["read"])
        own = h.send(ANN)
        self.assertTrue(Model(h.lines).message(ROOM, msg(own), ANN)["read"])
        self.assertEqual(Model(h.lines).unread(ANN), [])

    def test_rule_20_an_own_send_reads_up_to_it_deleted_or_not_and_is_no_receipt(self):
        h = History(ANN, BOB)
        h.send(BOB)
        own = h.send(ANN)
        h.delete(ANN, msg(own))
        h.send(BOB)
        self.assertEqual(self.unread(h), 1)
        self.assertEqual(Model(h.lines).receipts(ROOM, BOB)[0], {"member": ANN, "readUpTo": None})

    def test_rule_21_mark_unread_until_any_later_read(self):
        h = History(ANN, BOB)
        marked = lambda: self.row(Model(h.lines), ANN)["markedUnread"]
        h.add("read", ANN, upTo=5)
        h.add("markUnread", ANN)
        self.assertTrue(marked())
        h.send(ANN)
        self.assertTrue(marked())
        self.assertEqual(Model(h.lines).unread(ANN), [
            {"conversation": ROOM, "unread": 0, "unreadCapped": False, "markedUnread": True}])
        h.add("read", ANN, upTo=0)
        self.assertFalse(marked())

    def test_rule_21_a_copy_of_the_last_read_is_a_duplicate_an_older_one_clears_a_mark(self):
        h = History(ANN, BOB)
        older = h.add("read", ANN, upTo=5)
        newest = h.add("read", ANN, upTo=6)
        h.add("markUnread", ANN)
        copy = h.copy(newest)
        model = self.expect(h, (copy, "duplicate"))
        self.assertTrue(self.row(model, ANN)["markedUnread"])
        h.copy(older)
        self.assertFalse(self.row(Model(h.lines), ANN)["markedUnread"])

    def test_personal_ids_are_judged_once_a_member_whatever_the_conversation(self):
        h = History(ANN, BOB)
        h.add("mute", ANN, on=True, id="00000000-0000-0000-0000-000000000001")
        again = h.add("mute", ANN, on=False, id="00000000-0000-0000-0000-000000000001")
        elsewhere = h.add("star", ANN, message=ROOM, on=True, id="00000000-0000-0000-0000-000000000001")
        elsewhere["record"]["conversation"] = BOB
        other = h.add("mute", BOB, on=True, id="00000000-0000-0000-0000-000000000001")
        model = self.expect(h, (again, "duplicate"), (elsewhere, "duplicate"), (other, "accepted"))
        self.assertTrue(self.row(model, ANN)["muted"])

    def test_a_members_ords_are_strictly_increasing_too(self):
        h = History(ANN)
        h.add("markUnread", ANN, at=9_000_000)
        h.add("read", ANN, upTo=1, at=8_000_000)
        h.add("mute", ANN, on=True, at=9_000_000)
        self.assertFalse(self.row(Model(h.lines), ANN)["markedUnread"])
        self.assertEqual(Model(h.lines).members[ANN].last_ord, 9_000_002)

    def test_rule_21_a_read_that_waits_clears_a_mark_all_the_same(self):
        h = History(ANN)
        h.add("markUnread", ANN)
        h.add("read", ANN, upToMessage=ROOM)
        self.assertFalse(self.row(Model(h.lines), ANN)["markedUnread"])

    def test_rule_23_stars_and_hides(self):
        h = History(ANN, BOB)
        one, two, three = h.send(BOB, "one"), h.send(BOB, "two"), h.send(BOB, "three")
        early = h.add("star", ANN, message=message_id(ROOM, BOB, "later"), on=True)
        for line in (one, two, three):
            h.add("star", ANN, message=msg(line), on=True)
        h.add("star", ANN, message=msg(one), on=False)
        h.add("hide", ANN, message=msg(two), on=True)
        h.send(BOB, "four", token="later")
        model = self.expect(h, (early, "accepted"))
        self.assertEqual([answer["content"]["text"] for answer in model.stars(ANN)], ["four", "three"])
        self.assertEqual(self.texts(model, ANN), ["one", None, "three", "four"])
        self.assertEqual(self.texts(model, BOB), ["one", "two", "three", "four"])
        hidden = model.message(ROOM, msg(two), ANN)
        self.assertEqual((hidden["state"], hidden["versions"], hidden["version"]), ("hidden", [], cid(two)))
        self.assertEqual(self.row(model, ANN)["unread"], 3)

    def test_rule_24_an_archive_holds_until_there_is_news_or_while_muted(self):
        h = History(ANN, BOB)
        archived = lambda: self.row(Model(h.lines), ANN)["archived"]
        first = h.send(BOB)
        h.add("archive", ANN, on=True, upTo=first["appendTime"])
        self.assertTrue(archived())
        self.assertEqual(Model(h.lines).mailbox(ANN)["conversations"], [])
        self.assertEqual(len(Model(h.lines).mailbox(ANN, archived=True)["conversations"]), 1)
        h.send(BOB, token="t")
        self.assertFalse(archived())
        h.add("mute", ANN, on=True)
        self.assertTrue(archived())
        h.add("mute", ANN, on=False)
        self.assertFalse(archived())
        h.add("archive", ANN, on=True, upToMessage=message_id(ROOM, BOB, "t"))
        self.assertTrue(archived())
        h.add("archive", ANN, on=False)
        self.assertFalse(archived())

    def test_rule_24_an_archive_of_an_unknown_message_counts_by_its_own_place(self):
        h = History(ANN, BOB)
        last = h.send(BOB)
        h.add("archive", ANN, on=True, upTo=last["appendTime"])
        waiting = h.add("archive", ANN, on=True, upToMessage=message_id(ROOM, BOB, "t"))
        self.assertTrue(self.row(self.expect(h, (waiting, "orphaned")), ANN)["archived"])
        h.send(BOB, token="t")
        self.assertTrue(self.row(Model(h.lines), ANN)["archived"])
        h.add("archive", ANN, on=False)
        early = h.add("archive", ANN, on=True, upToMessage=message_id(ROOM, BOB, "u"))
        h.add("archive", ANN, on=False)
        h.send(BOB, token="u")
        self.assertFalse(self.row(self.expect(h, (early, "accepted")), ANN)["archived"])

    def test_rule_24_the_latest_archive_decides(self):
        h = History(ANN, BOB)
        h.add("archive", ANN, on=False)
        h.add("archive", ANN, on=True, upTo=h.send(BOB)["appendTime"])
        self.assertTrue(self.row(Model(h.lines), ANN)["archived"])
        h.add("archive", ANN, on=True, upTo=1)
        self.assertFalse(self.row(Model(h.lines), ANN)["archived"])

    def test_rule_25_what_counts_as_unread(self):
        h = History(ANN, history="all")
        h.send(ANN, "before joining")
        h.join(ANN, BOB)
        deleted, hidden = h.send(ANN), h.send(ANN)
        h.send(ANN)
        h.delete(ANN, msg(deleted))
        h.add("hide", BOB, message=msg(hidden), on=True)
        self.assertEqual(self.unread(h, BOB), 1)
        h.send(BOB)
        self.assertEqual(self.unread(h, BOB), 0)
        for _ in range(100):
            h.send(ANN)
        self.assertFalse(self.row(Model(h.lines), BOB)["unreadCapped"])
        h.send(ANN)
        row = self.row(Model(h.lines), BOB)
        self.assertEqual((row["unread"], row["unreadCapped"]), (100, True))

    def test_rule_26_last_activity(self):
        h = History(ANN)
        h.send(ANN)
        joined = h.join(ANN, BOB)
        self.assertEqual(self.row(Model(h.lines), BOB)["lastActivity"], joined["appendTime"])
        sent = h.send(ANN)
        h.delete(ANN, msg(sent))
        h.add("rename", ANN, title="x")
        h.remove(BOB, BOB)
        later = h.send(ANN)
        model = Model(h.lines)
        self.assertEqual(self.row(model, BOB)["lastActivity"], sent["appendTime"])
        self.assertEqual(self.row(model, ANN)["lastActivity"], later["appendTime"])
        again = h.join(ANN, BOB)
        row = self.row(Model(h.lines), BOB)
        self.assertEqual((row["lastActivity"], row["left"]), (again["appendTime"], None))

    def test_rule_27_the_badge(self):
        h = History(ANN, BOB)
        badge = lambda: Model(h.lines).mailbox(BOB)["badge"]
        self.assertEqual(badge(), 0)
        h.add("markUnread", BOB)
        self.assertEqual(badge(), 1)
        h.send(ANN)
        h.remove(BOB, BOB)
        self.assertEqual(badge(), 1)
        h.add("mute", BOB, on=True)
        self.assertEqual(badge(), 0)
        h.add("mute", BOB, on=False)
        h.add("archive", BOB, on=True, upTo=h.time)
        self.assertEqual(badge(), 0)

    def test_rule_27_the_badge_is_capped_and_the_mailbox_ordered(self):
        h = History()
        for number in range(101):
            h.room = f"{1000 - number:08x}-0000-0000-0000-000000000000"
            h.add("createConversation", ANN, participants=[BOB], at=7_000_000)
            h.send(ANN, at=7_000_001 + number // 2)
        mailbox = Model(h.lines).mailbox(BOB, limit=3)
        self.assertEqual(mailbox["badge"], 100)
        self.assertEqual([row["conversation"][:8] for row in mailbox["conversations"]],
                         [f"{1000 - number:08x}" for number in (100, 99, 98)])

    def test_rule_28_a_big_conversation_answers_like_a_small_one(self):
        many = [f"{number:08x}-0000-0000-0000-000000000000" for number in range(100)]
        h = History(ANN, BOB, *many)
        sent = h.send(ANN)
        row = self.row(Model(h.lines), BOB)
        self.assertEqual((row["lastActivity"], row["unread"], row["participantCount"]), (sent["appendTime"], 1, 102))

    def test_personal_commands_of_an_outsider_wait_for_membership(self):
        h = History(ANN)
        h.add("mute", BOB, on=True)
        self.assertEqual(Model(h.lines).export(BOB), [])
        self.assertIsNone(Model(h.lines).conversation(ROOM, BOB))
        h.join(ANN, BOB)
        self.assertTrue(self.row(Model(h.lines), BOB)["muted"])


class BrokenLogs(unittest.TestCase):
    def test_a_message_or_conversation_id_that_is_not_the_computed_one_is_a_problem(self):
        h = History(ANN, BOB)
        h.send(ANN)
        h.send_direct(ANN, BOB)
        self.assertEqual(Model(h.lines).problems, [])
        h.send(ANN)["record"]["message"] = ROOM
        h.send_direct(ANN, BOB, conversation=ROOM)
        self.assertEqual(len(Model(h.lines).problems), 2)


class Export(ModelTest):
    def test_every_conversation_newest_first_each_with_its_messages(self):
        h = History(ANN, BOB)
        h.send(ANN, "one")
        h.add("archive", BOB, on=True, upTo=h.time)
        h.send_direct(ANN, BOB, "two")
        lines = Model(h.lines).export(BOB)
        self.assertEqual([line.get("kind") or line["content"]["text"] for line in lines],
                         ["direct", "two", "group", "one"])
        self.assertTrue(lines[2]["archived"])


class Ids(unittest.TestCase):
    def test_a_known_answer_of_uuid_version_5(self):
        self.assertEqual(uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", b"python.org"),
                         "886313e1-3b8a-5372-9b90-0c9aee199e5d")

    def test_a_direct_conversation_is_the_same_from_both_sides(self):
        self.assertEqual(direct_conversation_id(ANN, BOB), direct_conversation_id(BOB, ANN))
