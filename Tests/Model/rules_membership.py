"""Proves rules 13 to 18 of SEMANTICS in the model, rejections and erasure."""

from history import ANN, BOB, CAT, DAN, EVE, ROOM, History
from model_case import ModelTest, cid, msg
from parley_model import Model


class Membership(ModelTest):
    def test_rule_13_who_adds_removes_and_leaves(self):
        h = History(ANN, BOB)
        pairs = [
            (h.join(BOB, CAT), "accepted"), (h.join(BOB, CAT), "accepted"),
            (h.join(EVE, DAN), "rejected(notParticipant)"), (h.join(EVE, EVE), "rejected(notParticipant)"),
            (h.remove(BOB, CAT), "rejected(notAllowed)"), (h.remove(ANN, EVE), "accepted"),
            (h.remove(EVE, ANN), "rejected(notParticipant)"), (h.remove(EVE, EVE), "accepted"),
            (h.remove(ANN, CAT), "accepted"), (h.remove(BOB, BOB), "accepted"),
            (h.add("rename", EVE, title="x"), "rejected(notParticipant)"),
            (h.add("close", EVE, on=True), "rejected(notParticipant)"),
            (h.moderator(EVE, ANN), "rejected(notParticipant)")]
        model = self.expect(h, *pairs)
        self.assertEqual(self.row(model, ANN)["participantCount"], 1)

    def test_rule_13_intervals_and_history_from_join(self):
        h = History(ANN)
        h.send(ANN, "before")
        joined = h.join(ANN, BOB)
        h.send(ANN, "first stay")
        left = h.remove(BOB, BOB)
        h.send(ANN, "gap")
        again = h.join(ANN, BOB)
        h.send(ANN, "second stay")
        model = Model(h.lines)
        self.assertEqual(self.texts(model, BOB), ["first stay", "second stay"])
        gap = [message for message in model.conversations[ROOM].messages.values()][2]
        self.assertIsNone(model.message(ROOM, gap.id, BOB))
        self.assertEqual(model.message(ROOM, gap.id, ANN)["content"], {"text": "gap"})
        self.assertIsNone(model.message(ROOM, gap.id, EVE))
        self.assertIsNone(model.message(ROOM, ROOM, ANN))
        self.assertIsNone(model.receipts(ROOM, EVE))
        self.assertIsNone(model.participants(ROOM, EVE))
        self.assertEqual(model.participants(ROOM, ANN)[1:], [
            {"member": BOB, "joined": joined["appendTime"], "left": left["appendTime"], "moderator": False},
            {"member": BOB, "joined": again["appendTime"], "left": None, "moderator": False}])

    def test_rule_13_history_all_shows_everything_before_one_left(self):
        h = History(ANN, history="all")
        h.send(ANN, "before")
        h.join(ANN, BOB)
        h.remove(BOB, BOB)
        h.send(ANN, "gap")
        self.assertEqual(self.texts(Model(h.lines), BOB), ["before"])
        h.join(ANN, BOB)
        h.send(ANN, "back")
        h.remove(BOB, BOB)
        h.send(ANN, "after")
        model = Model(h.lines)
        self.assertEqual(self.texts(model, BOB), ["before", "gap", "back"])
        self.assertEqual(self.row(model, BOB)["unread"], 1)

    def test_rule_13_five_thousand_participants_all_or_nothing(self):
        many = [f"{number:08x}-0000-0000-0000-000000000000" for number in range(5_000)]
        h = History(ANN, *many[:4_998])
        over = h.join(ANN, *many[4_998:])
        fits = h.join(ANN, many[4_999], many[0])
        full = h.join(ANN, many[4_998])
        known = h.join(ANN, many[0])
        model = self.expect(h, (over, "rejected(tooMany)"), (fits, "accepted"), (full, "rejected(tooMany)"),
                            (known, "accepted"))
        self.assertEqual(self.row(model, ANN)["participantCount"], 5_000)
        self.assertEqual(len(model.conversation(ROOM, ANN)["conversation"]["participants"]), 100)

    def test_rule_14_a_member_who_left(self):
        h = History(ANN, BOB, title="old")
        sent = h.send(ANN, "one")
        mine = h.send(BOB, "mine")
        h.remove(BOB, BOB)
        refused = [h.send(BOB), h.edit(BOB, msg(mine), "x"), h.react(BOB, msg(sent)), h.join(BOB, CAT),
                   h.add("rename", BOB, title="x")]
        h.send(ANN, "unseen")
        h.edit(ANN, msg(sent), "present state")
        h.add("rename", ANN, title="new")
        h.add("close", ANN, on=True)
        h.join(ANN, CAT)
        gone = h.delete(BOB, msg(mine))
        h.add("star", BOB, message=msg(sent), on=True)
        model = self.expect(h, (gone, "accepted"), *[(line, "rejected(notParticipant)") for line in refused])
        self.assertEqual(self.texts(model, BOB), ["present state", None])
        row = self.row(model, BOB)
        self.assertEqual((row["title"], row["closed"], row["participantCount"]), ("new", True, 2))
        self.assertIsNotNone(row["left"])
        self.assertEqual([answer["message"] for answer in model.stars(BOB)], [msg(sent)])

    def test_rule_15_rename_and_close(self):
        h = History(ANN, BOB, title="one")
        pairs = [(h.add("rename", BOB, title="two"), "accepted"),
                 (h.add("close", BOB, on=True), "rejected(notAllowed)"),
                 (h.add("close", ANN, on=True), "accepted"), (h.add("close", ANN, on=True), "accepted"),
                 (h.send(ANN), "rejected(closed)"), (h.add("rename", BOB, title="three"), "accepted"),
                 (h.join(BOB, CAT), "accepted"), (h.add("close", ANN, on=False), "accepted"), (h.send(CAT), "accepted")]
        row = self.row(self.expect(h, *pairs), CAT)
        self.assertEqual((row["title"], row["closed"]), ("three", False))

    def test_rule_16_moderators(self):
        h = History(ANN, BOB, CAT)
        sent = h.send(CAT)
        pairs = [(h.moderator(BOB, BOB), "rejected(notAllowed)"), (h.moderator(ANN, EVE), "rejected(notParticipant)"),
                 (h.moderator(BOB, EVE), "rejected(notParticipant)"), (h.moderator(ANN, BOB), "accepted"),
                 (h.moderator(BOB, ANN, on=False), "accepted"), (h.delete(ANN, msg(sent)), "rejected(notAllowed)"),
                 (h.remove(BOB, BOB), "accepted"), (h.join(CAT, BOB), "accepted"),
                 (h.delete(BOB, msg(sent)), "rejected(notAllowed)")]
        model = self.expect(h, *pairs)
        self.assertFalse(any(entry["moderator"] for entry in model.participants(ROOM, ANN)))

    def test_rule_16_a_direct_conversation_has_none(self):
        h = History()
        sent = h.send_direct(ANN, BOB)
        h.room = sent["record"]["conversation"]
        lines = [h.join(ANN, CAT), h.remove(ANN, BOB), h.remove(ANN, ANN), h.add("rename", BOB, title="x"),
                 h.add("close", ANN, on=True), h.moderator(ANN, BOB), h.delete(BOB, msg(sent))]
        outsider = h.join(EVE, EVE)
        edit = h.edit(ANN, msg(sent), "two")
        self.expect(h, (outsider, "rejected(notParticipant)"), (edit, "accepted"),
                    *[(line, "rejected(notAllowed)") for line in lines])

    def test_rule_17_a_reply_stays_as_sent_and_mentions_follow_the_version(self):
        h = History(ANN)
        sent = h.send(ANN, reply_to=ROOM)
        edit = h.edit(ANN, msg(sent), "x")
        edit["record"]["content"]["mentions"] = [BOB]
        answer = Model(h.lines).message(ROOM, msg(sent), ANN)
        self.assertEqual((answer["replyTo"], answer["content"]), (ROOM, {"text": "x", "mentions": [BOB]}))

    def test_rule_18_and_34_rejections_are_seen_by_their_actor_and_the_operator(self):
        h = History(ANN)
        one = h.send(EVE)
        two = h.send(DAN)
        model = Model(h.lines)
        self.assertEqual(model.rejections(EVE), [{
            "position": one["position"], "id": cid(one), "actor": EVE, "command": "send", "conversation": ROOM,
            "reason": "notParticipant", "ord": one["appendTime"]}])
        self.assertEqual([answer["position"] for answer in model.rejections()], [one["position"], two["position"]])
        self.assertEqual(model.rejections(ANN), [])

    def test_an_erased_message_shows_only_that_it_was(self):
        h = History(ANN)
        sent = h.send(ANN)
        edit = h.edit(ANN, msg(sent), "two")
        for line in (sent, edit):
            line["record"]["content"] = None
            line["erased"] = True
        answer = Model(h.lines).message(ROOM, msg(sent), ANN)
        self.assertEqual((answer["state"], answer["content"], answer["version"], answer["versions"]),
                         ("erased", None, cid(edit), []))
