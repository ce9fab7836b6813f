"""Proves rules 22 and 35 to 39 of SEMANTICS in the model, on histories small enough to check by eye."""

import itertools

from history import ANN, BOB, CAT, ROOM, History
from model_case import ModelTest, cid, msg
from parley_model import Model


class Legacy(ModelTest):
    def test_rule_35_nothing_is_refused_and_a_thread_is_a_group_at_once(self):
        h = History()
        sent = h.legacy("send", ANN, version=41, ord=40, message=BOB, content={"text": "old"})
        deleted = h.legacy("delete", CAT, version=50, message=BOB)
        h.legacy("stay", ANN, version=60, member=ANN, joined=10, left=None)
        model = self.expect(h, (sent, "accepted"), (deleted, "accepted"))
        answer = model.message(ROOM, BOB, ANN)
        self.assertEqual((answer["ord"], answer["state"], answer["deletedBy"], answer["deletedAt"]),
                         (40, "deleted", CAT, 50))

    def test_rule_36_the_copy_with_the_highest_version_says_what_was_sent(self):
        copies = [("placeholder", 0, ""), ("x", 10, "x"), ("y", 12, "y"), ("x", 11, "x")]
        for order in itertools.permutations(copies):
            h = History()
            h.legacy("stay", ANN, version=9, member=ANN, joined=1, left=None)
            for _, version, text in order:
                h.legacy("send", ANN, id=ROOM, version=version, ord=5, message=BOB, content={"text": text})
            model = Model(h.lines)
            self.assertEqual(self.texts(model, ANN), ["y"])
            self.assertEqual([entry["reason"] for entry in model.rejections()], ["versionConflict"])

    def test_rule_37_edits_have_their_own_time_and_registers_compare_versions(self):
        h = History(ANN)
        h.legacy("send", ANN, version=41, ord=40, message=BOB, content={"text": "old"})
        h.legacy("stay", ANN, version=41, member=ANN, joined=10, left=None)
        for version, ord, text in ((90, 60, "second"), (80, 50, "first"), (95, 60, "second again")):
            id = "00000000-0000-0000-0000-0000000000" + str(ord)
            h.legacy("edit", ANN, id=id, version=version, ord=ord, message=BOB, content={"text": text})
        model = Model(h.lines)
        self.assertEqual(self.texts(model, ANN), ["second again"])
        self.assertEqual([version["ord"] for version in model.message(ROOM, BOB, ANN)["versions"]], [40, 50, 60])
        h.add("rename", ANN, title="native")
        h.legacy("rename", BOB, version=h.time - 1, title="earlier")
        self.assertEqual(self.row(Model(h.lines), ANN)["title"], "native")
        h.legacy("rename", BOB, version=h.time + 1, title="later")
        self.assertEqual(self.row(Model(h.lines), ANN)["title"], "later")

    def test_rule_38_the_earliest_tombstone_stays_and_nothing_comes_back(self):
        h = History()
        h.legacy("stay", ANN, version=9, member=ANN, joined=1, left=None)
        h.legacy("send", ANN, version=0, ord=5, id=CAT, message=BOB, content={"text": ""})
        h.legacy("delete", ANN, id=ROOM, version=30, message=BOB)
        h.legacy("delete", BOB, id=ROOM, version=20, message=BOB)
        h.legacy("send", ANN, version=6, ord=5, id=CAT, message=BOB, content={"text": "back"})
        answer = Model(h.lines).message(ROOM, BOB, ANN)
        self.assertEqual((answer["deletedAt"], answer["deletedBy"], answer["content"]), (20, BOB, None))

    def test_stays_make_one_set_of_intervals_in_any_order(self):
        stays = [(10, None), (10, 20), (30, None), (30, 40)]
        for order in itertools.permutations(stays):
            h = History(ANN)
            for joined, left in order:
                h.legacy("stay", BOB, version=50, member=BOB, joined=joined, left=left)
            entries = [entry for entry in Model(h.lines).participants(ROOM, ANN) if entry["member"] == BOB]
            self.assertEqual([(entry["joined"], entry["left"]) for entry in entries], [(10, 20), (30, 40)])

    def test_who_made_a_thread_moderates_while_inside(self):
        stay = ("stay", BOB, {"member": BOB, "joined": 10, "left": None})
        made = ("createConversation", BOB, {"title": None})
        for order in itertools.permutations([stay, made]):
            h = History()
            for command, actor, fields in order:
                h.legacy(command, actor, version=9, **fields)
            self.assertTrue(Model(h.lines).participants(ROOM, BOB)[0]["moderator"])

    def copied(self, h, version, read, message=BOB):
        h.legacy("copyState", ANN, version=version, message=message, read=read, starred=False, hidden=False)

    def test_rule_22_a_flag_decides_until_a_later_read_reaches_the_message(self):
        def history(*reads):
            h = History(ANN)
            h.legacy("stay", ANN, version=9, member=ANN, joined=1, left=None)
            h.legacy("send", CAT, version=501, ord=500, message=BOB, content={"text": "old"})
            for at, up_to in reads:
                h.add("read", ANN, upTo=up_to, at=at)
            self.copied(h, 2_000, False)
            return self.row(Model(h.lines), ANN)["unread"], Model(h.lines).message(ROOM, BOB, ANN)["read"]
        self.assertEqual(history((1_500, 600)), (1, False))
        self.assertEqual(history((2_500, 499)), (1, False))
        self.assertEqual(history((2_500, 500)), (0, True))
        self.assertEqual(history((2_500, 500), (3_000, 100)), (0, True))

    def test_rule_39_flags_say_what_was_read_above_a_marker_and_below(self):
        h = History(ANN)
        h.legacy("stay", ANN, version=9, member=ANN, joined=1, left=None)
        h.legacy("send", CAT, version=501, ord=500, message=BOB, content={"text": "old"})
        self.copied(h, 2_000, True)
        self.assertEqual(self.row(Model(h.lines), ANN)["unread"], 0)
        self.copied(h, 1_999, False)
        self.assertTrue(Model(h.lines).message(ROOM, BOB, ANN)["read"])
        self.copied(h, 2_001, False)
        self.assertFalse(Model(h.lines).message(ROOM, BOB, ANN)["read"])

    def test_an_owners_marks_and_those_of_the_copy_are_one_register(self):
        h = History(ANN)
        sent = h.send(ANN)
        h.add("star", ANN, message=msg(sent), on=True)
        self.copied(h, h.time - 1, None, msg(sent))
        self.assertEqual([answer["message"] for answer in Model(h.lines).stars(ANN)], [msg(sent)])
        self.copied(h, h.time + 1, None, msg(sent))
        self.assertEqual(Model(h.lines).stars(ANN), [])

    def test_what_happens_in_one_microsecond_ends_alike_in_either_order(self):
        answers = []
        for legacy_first in (True, False):
            h = History(ANN)
            sent = h.legacy("send", ANN, version=41, ord=h.time + 1, message=BOB, content={"text": "old"})
            moment = h.time + 9_000

            def theirs(at):
                h.legacy("edit", ANN, id=ROOM, at=at, version=moment, ord=moment, message=BOB, content={"text": "theirs"})
            if legacy_first:
                theirs(moment - 1)
            own = h.edit(ANN, BOB, "own", id=CAT, at=moment)
            if not legacy_first:
                theirs(moment + 1)
            self.expect(h, (sent, "accepted"), (own, "accepted"))
            answers.append(Model(h.lines).message(ROOM, BOB, ANN))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(len(answers[0]["versions"]), 3)
        self.assertEqual(answers[0]["version"], max(ROOM, cid(own)))
