"""Proves rules 1 to 12 of SEMANTICS in the model, on histories small enough to check by eye."""

from history import ANN, BOB, CAT, EVE, ROOM, History
from identity import direct_conversation_id, message_id
from model_case import ModelTest, cid, msg
from parley_model import Model


class Order(ModelTest):
    def test_ords_are_strictly_increasing_whatever_the_outcome(self):
        h = History(ANN, BOB)
        h.send(ANN, at=5_000_000)
        h.send(EVE, at=5_000_000)
        last = h.send(ANN, at=4_000_000)
        model = self.expect(h, (last, "accepted"))
        self.assertEqual([message["ord"] for message in model.conversation(ROOM, ANN)["messages"]],
                         [5_000_000, 5_000_002])

    def test_an_id_is_judged_once_even_when_rejected(self):
        h = History(ANN)
        first = h.send(BOB, id="00000000-0000-0000-0000-000000000001")
        h.join(ANN, BOB)
        again = h.send(BOB, "other", id="00000000-0000-0000-0000-000000000001")
        model = self.expect(h, (first, "rejected(notParticipant)"), (again, "duplicate"))
        self.assertEqual(self.texts(model, ANN), [])

    def test_the_same_id_in_another_conversation_is_another_command(self):
        h = History(ANN, BOB)
        one = h.send(ANN, id="00000000-0000-0000-0000-000000000001")
        two = h.send_direct(ANN, BOB)
        two["record"]["id"] = cid(one)
        self.expect(h, (one, "accepted"), (two, "accepted"))

    def test_an_orphan_is_judged_for_its_id(self):
        h = History(ANN, BOB)
        later = message_id(ROOM, ANN, "t")
        orphan = h.edit(ANN, later, "edited")
        copy = h.copy(orphan)
        self.expect(h, (orphan, "orphaned"), (copy, "duplicate"))

    def test_a_command_before_its_conversation_is_refused_and_remembered(self):
        h = History()
        early = h.edit(ANN, message_id(ROOM, ANN, "t"), "x")
        h.add("createConversation", ANN)
        copy = h.copy(early)
        self.expect(h, (early, "rejected(notParticipant)"), (copy, "duplicate"))


class Messages(ModelTest):
    def test_rule_01_sends_need_a_participant_and_an_open_conversation(self):
        h = History(ANN, BOB)
        fine = h.send(BOB)
        outsider = h.send(EVE)
        h.add("close", ANN, on=True)
        closed = h.send(BOB)
        both = h.send(EVE)
        self.expect(h, (fine, "accepted"), (outsider, "rejected(notParticipant)"), (closed, "rejected(closed)"),
                    (both, "rejected(notParticipant)"))

    def test_rule_01_the_creator_is_always_a_participant_and_the_first_moderator(self):
        h = History(ANN, BOB)
        self.assertEqual([(entry["member"], entry["moderator"]) for entry in Model(h.lines).participants(ROOM, BOB)],
                         [(ANN, True), (BOB, False)])

    def test_rule_01_a_second_creation_and_a_direct_send_into_a_group(self):
        direct = direct_conversation_id(ANN, BOB)
        h = History(ANN, BOB)
        second = h.add("createConversation", EVE)
        h.room = direct
        h.add("createConversation", ANN, participants=[BOB])
        into_group = h.send_direct(ANN, BOB)
        self.expect(h, (second, "rejected(exists)"), (into_group, "rejected(notParticipant)"))

    def test_rule_01_the_first_direct_send_makes_a_conversation_of_two(self):
        h = History()
        direct = direct_conversation_id(BOB, ANN)
        h.room = direct
        early = h.send(ANN)
        first = h.send_direct(ANN, BOB)
        create = h.add("createConversation", ANN)
        answer = h.send(BOB)
        model = self.expect(h, (early, "rejected(notParticipant)"), (first, "accepted"), (answer, "accepted"),
                            (create, "rejected(exists)"))
        row = self.row(model, BOB, direct)
        self.assertEqual((row["kind"], row["with"], row["history"], row["title"]), ("direct", ANN, "fromJoin", None))
        self.assertEqual(len(model.conversation(direct, BOB)["messages"]), 2)

    def test_rule_02_the_same_message_again_is_judged_before_membership_and_closing(self):
        h = History(ANN, BOB)
        first = h.send(BOB, "one", token="t")
        h.remove(BOB, BOB)
        h.add("close", ANN, on=True)
        same = h.send(BOB, "one", token="t")
        other = h.send(BOB, "two", token="t")
        reply = h.send(BOB, "one", token="t", reply_to=msg(first))
        h.delete(BOB, msg(first))
        after = h.send(BOB, "one", token="t")
        self.expect(h, (same, "duplicate"), (other, "rejected(duplicateConflict)"),
                    (reply, "rejected(duplicateConflict)"), (after, "duplicate"))

    def test_rule_02_comes_before_the_kind_of_the_conversation(self):
        direct = direct_conversation_id(ANN, BOB)
        h = History(ANN, room=direct)
        h.send(ANN, "one", token="t")
        same = h.send_direct(ANN, BOB, "one", token="t")
        other = h.send_direct(ANN, BOB, "two", token="t")
        self.expect(h, (same, "duplicate"), (other, "rejected(duplicateConflict)"))

    def test_rule_02_equal_looking_text_is_different_content_and_a_different_token(self):
        h = History(ANN)
        composed = h.send(ANN, "caf\u00e9", token="t")
        decomposed = h.send(ANN, "cafe\u0301", token="t")
        token = h.send(ANN, "x", token="caf\u00e9")
        other_token = h.send(ANN, "y", token="cafe\u0301")
        self.expect(h, (composed, "accepted"), (decomposed, "rejected(duplicateConflict)"), (token, "accepted"),
                    (other_token, "accepted"))

    def test_rule_02_an_empty_list_is_the_same_as_none(self):
        h = History(ANN)
        h.send(ANN, "one", token="t")
        again = h.send(ANN, "one", token="t")
        again["record"]["content"] = {"mentions": [], "text": "one", "attachments": []}
        self.expect(h, (again, "duplicate"))

    def test_rule_02_a_rejected_send_leaves_its_message_free(self):
        h = History(ANN)
        refused = h.send(BOB, "one", token="t")
        h.join(ANN, BOB)
        later = h.send(BOB, "two", token="t")
        self.expect(h, (refused, "rejected(notParticipant)"), (later, "accepted"))

    def test_rule_03_edits_by_the_sender_while_a_participant(self):
        h = History(ANN, BOB)
        sent = h.send(BOB, "one")
        edit = h.edit(BOB, msg(sent), "two")
        moderator = h.edit(ANN, msg(sent), "mine")
        of_an_edit = h.edit(BOB, cid(edit), "three")
        h.remove(BOB, BOB)
        left = h.edit(BOB, msg(sent), "four")
        model = self.expect(h, (edit, "accepted"), (moderator, "rejected(notAllowed)"), (of_an_edit, "orphaned"),
                            (left, "rejected(notParticipant)"))
        answer = model.message(ROOM, msg(sent), ANN)
        self.assertEqual((answer["content"], answer["version"], answer["edited"]), ({"text": "two"}, cid(edit), True))
        self.assertEqual([(version["id"], version["content"]["text"]) for version in answer["versions"]],
                         [(cid(sent), "one"), (cid(edit), "two")])

    def test_rule_04_expected_version(self):
        h = History(ANN)
        sent = h.send(ANN)
        right = h.edit(ANN, msg(sent), "two", expectedVersion=cid(sent))
        stale = h.edit(ANN, msg(sent), "three", expectedVersion=cid(sent))
        self.expect(h, (right, "accepted"), (stale, "rejected(versionConflict)"))

    def test_rule_05_orphans_are_judged_in_order_when_the_message_arrives(self):
        h = History(ANN, BOB)
        later = message_id(ROOM, BOB, "t")
        first = h.edit(BOB, later, "first edit")
        stranger = h.edit(ANN, later, "not mine")
        stale = h.edit(BOB, later, "stale", expectedVersion=cid(first))
        outsider = h.react(EVE, later)
        reaction = h.react(ANN, later)
        self.expect(h, *[(line, "orphaned") for line in (first, stranger, stale, outsider, reaction)])
        sent = h.send(BOB, "original", token="t")
        model = self.expect(h, (first, "accepted"), (stranger, "rejected(notAllowed)"), (stale, "accepted"),
                            (outsider, "rejected(notParticipant)"), (reaction, "accepted"))
        answer = model.message(ROOM, msg(sent), ANN)
        self.assertEqual([version["content"]["text"] for version in answer["versions"]],
                         ["original", "first edit", "stale"])
        self.assertEqual(answer["reactions"], [{"reaction": "+1", "members": [ANN]}])

    def test_rule_05_rights_are_those_at_the_orphans_own_place(self):
        h = History(ANN, BOB, CAT)
        later = message_id(ROOM, BOB, "t")
        h.moderator(ANN, CAT)
        was = h.delete(CAT, later)
        h.moderator(ANN, CAT, on=False)
        is_not = h.delete(CAT, later)
        h.remove(ANN, BOB)
        outside = h.edit(BOB, later, "x")
        h.join(ANN, BOB)
        h.send(BOB, token="t")
        self.expect(h, (was, "accepted"), (is_not, "rejected(notAllowed)"), (outside, "rejected(notParticipant)"))

    def test_rule_05_each_message_calls_only_its_own_orphans_and_only_when_accepted(self):
        h = History(ANN, BOB)
        one, two = message_id(ROOM, EVE, "one"), message_id(ROOM, ANN, "two")
        first, second = h.delete(EVE, one), h.edit(ANN, two, "edited")
        refused = h.send(EVE, token="one")
        self.expect(h, (refused, "rejected(notParticipant)"), (first, "orphaned"), (second, "orphaned"))
        h.send(ANN, "original", token="two")
        self.expect(h, (first, "orphaned"), (second, "accepted"))
        h.join(ANN, EVE)
        h.send(EVE, token="one")
        model = self.expect(h, (first, "accepted"))
        self.assertEqual(self.texts(model, ANN), ["edited", None])
        self.assertEqual(model.conversations[ROOM].waiting, [])

    def test_rule_05_at_most_ten_thousand_wait(self):
        h = History(ANN)
        later = message_id(ROOM, ANN, "t")
        for number in range(10_001):
            h.lines.append({"position": f"conversation-commands/0@{number + 1}", "appendTime": 2_000_000 + number,
                            "origin": "native", "record": {
                                "id": f"id {number}", "command": "react", "actor": ANN, "conversation": ROOM,
                                "message": later, "reaction": "x", "on": True}})
        self.expect(h, (h.lines[-2], "orphaned"), (h.lines[-1], "rejected(tooMany)"))

    def test_rule_05_a_wait_is_over_when_its_message_comes_and_makes_room(self):
        h = History(ANN)
        for number in range(10_000):
            h.lines.append({"position": f"conversation-commands/0@{number + 1}", "appendTime": 2_000_000 + number,
                            "origin": "native", "record": {
                                "id": f"id {number}", "command": "react", "actor": ANN, "conversation": ROOM,
                                "message": message_id(ROOM, ANN, "t"), "reaction": "x", "on": True}})
        h.send(ANN, token="t", at=3_000_000)
        late = h.edit(ANN, message_id(ROOM, ANN, "u"), "x")
        self.expect(h, (late, "orphaned"))

    def test_rule_06_an_edit_of_a_deleted_message(self):
        h = History(ANN)
        sent = h.send(ANN)
        h.delete(ANN, msg(sent))
        edit = h.edit(ANN, msg(sent), "back", expectedVersion="00000000-0000-0000-0000-000000000009")
        model = self.expect(h, (edit, "rejected(deleted)"))
        self.assertEqual(model.message(ROOM, msg(sent), ANN)["content"], None)

    def test_rule_07_a_tombstone_keeps_who_when_why_reply_and_stars(self):
        h = History(ANN, BOB)
        first = h.send(ANN)
        sent = h.send(BOB, reply_to=msg(first), sentAt="2024-01-01T00:00:00Z")
        h.react(ANN, msg(sent))
        h.edit(BOB, msg(sent), "two")
        h.add("star", ANN, message=msg(sent), on=True)
        deleted = h.delete(ANN, msg(sent), reason="spam")
        answer = self.expect(h, (deleted, "accepted")).message(ROOM, msg(sent), ANN)
        self.assertEqual(answer, {
            "conversation": ROOM, "message": msg(sent), "ord": sent["appendTime"], "sender": BOB,
            "sentAt": "2024-01-01T00:00:00Z", "state": "deleted", "content": None, "version": None, "edited": False,
            "replyTo": msg(first), "reactions": [], "starred": True, "read": False, "deletedBy": ANN,
            "deletedAt": deleted["appendTime"], "deleteReason": "spam", "versions": []})
        self.assertEqual(Model(h.lines).stars(ANN), [])

    def test_rule_08_a_delete_before_its_message(self):
        h = History(ANN, BOB, CAT)
        later = message_id(ROOM, BOB, "t")
        wrong = h.delete(CAT, later)
        right = h.delete(BOB, later, reason="early")
        edit = h.edit(BOB, later, "after")
        h.send(BOB, token="t")
        model = self.expect(h, (wrong, "rejected(notAllowed)"), (right, "accepted"), (edit, "rejected(deleted)"))
        answer = model.message(ROOM, later, ANN)
        self.assertEqual((answer["state"], answer["deletedAt"], answer["content"]),
                         ("deleted", right["appendTime"], None))
        self.assertEqual(self.row(model, ANN)["unread"], 0)

    def test_rule_09_the_first_tombstone_stays(self):
        h = History(ANN, BOB, CAT)
        sent = h.send(BOB)
        first = h.delete(BOB, msg(sent), reason="mine")
        second = h.delete(ANN, msg(sent), reason="moderator")
        no_right = h.delete(CAT, msg(sent))
        outsider = h.delete(EVE, msg(sent))
        model = self.expect(h, (first, "accepted"), (second, "accepted"), (no_right, "rejected(notAllowed)"),
                            (outsider, "rejected(notAllowed)"))
        self.assertEqual(model.message(ROOM, msg(sent), CAT)["deleteReason"], "mine")

    def test_rule_10_replies_stay(self):
        h = History(ANN)
        first = h.send(ANN, "question")
        reply = h.send(ANN, "answer", reply_to=msg(first))
        h.delete(ANN, msg(first))
        answer = Model(h.lines).message(ROOM, msg(reply), ANN)
        self.assertEqual((answer["state"], answer["replyTo"]), ("live", msg(first)))

    def test_rule_11_withdrawing_versions(self):
        h = History(ANN, BOB)
        sent = h.send(BOB, "one")
        second = h.edit(BOB, msg(sent), "two")
        third = h.edit(BOB, msg(sent), "three")
        unknown = h.delete(BOB, msg(sent), version=ROOM)
        outsider = h.delete(EVE, msg(sent), version=ROOM)
        newest = h.delete(ANN, msg(sent), version=cid(third))
        again = h.delete(BOB, msg(sent), version=cid(third))
        stale = h.edit(BOB, msg(sent), "x", expectedVersion=cid(third))
        self.assertEqual(Model(h.lines).message(ROOM, msg(sent), ANN)["content"], {"text": "two"})
        original = h.delete(BOB, msg(sent), version=cid(sent))
        last = h.delete(BOB, msg(sent), version=cid(second))
        model = self.expect(
            h, (unknown, "rejected(notFound)"), (outsider, "rejected(notAllowed)"), (newest, "accepted"),
            (again, "accepted"), (stale, "rejected(versionConflict)"), (original, "accepted"),
            (last, "rejected(lastVersion)"))
        answer = model.message(ROOM, msg(sent), ANN)
        self.assertEqual((answer["version"], answer["edited"]), (cid(second), True))
        self.assertEqual([version["id"] for version in answer["versions"]], [cid(second)])
        h.delete(BOB, msg(sent))
        dead = h.delete(BOB, msg(sent), version=cid(second))
        self.expect(h, (dead, "accepted"))

    def test_rule_11_with_all_edits_withdrawn_it_is_not_edited(self):
        h = History(ANN)
        sent = h.send(ANN, "one")
        edit = h.edit(ANN, msg(sent), "two")
        h.delete(ANN, msg(sent), version=cid(edit))
        answer = Model(h.lines).message(ROOM, msg(sent), ANN)
        self.assertEqual((answer["content"], answer["edited"]), ({"text": "one"}, False))

    def test_rule_12_reactions(self):
        h = History(ANN, BOB)
        sent = h.send(ANN)
        h.react(BOB, msg(sent), "b")
        h.react(ANN, msg(sent), "b")
        h.react(ANN, msg(sent), "a")
        h.react(BOB, msg(sent), "c")
        h.react(BOB, msg(sent), "c", on=False)
        outsider = h.react(EVE, msg(sent))
        h.remove(BOB, BOB)
        gone = h.react(BOB, msg(sent), "b", on=False)
        model = self.expect(h, (outsider, "rejected(notParticipant)"), (gone, "rejected(notParticipant)"))
        self.assertEqual(model.message(ROOM, msg(sent), ANN)["reactions"],
                         [{"reaction": "a", "members": [ANN]}, {"reaction": "b", "members": [ANN, BOB]}])
        h.delete(ANN, msg(sent))
        dead = h.react(ANN, msg(sent), "d")
        self.expect(h, (dead, "accepted"))

    def test_rule_12_the_thirty_third_kind_is_too_many(self):
        h = History(ANN, BOB)
        sent = h.send(ANN)
        for number in range(32):
            h.react(ANN, msg(sent), f"kind {number:02}")
        one_more = h.react(BOB, msg(sent), "new")
        known = h.react(BOB, msg(sent), "kind 00")
        h.react(ANN, msg(sent), "kind 01", on=False)
        room = h.react(BOB, msg(sent), "new")
        full = h.react(ANN, msg(sent), "kind 01")
        self.expect(h, (one_more, "rejected(tooMany)"), (known, "accepted"), (room, "accepted"),
                    (full, "rejected(tooMany)"))
