"""What the model's own tests share."""

import unittest

from history import ROOM
from parley_model import Model


def msg(line):
    return line["record"]["message"]


def cid(line):
    return line["record"]["id"]


class ModelTest(unittest.TestCase):
    def expect(self, history, *pairs):
        """(line, outcome) pairs, judged over the whole history."""
        model = Model(history.lines)
        for line, outcome in pairs:
            self.assertEqual(model.outcome(line["position"]), outcome, line)
        return model

    def texts(self, model, member, room=ROOM):
        return [message["content"] and message["content"]["text"]
                for message in model.conversation(room, member)["messages"]]

    def row(self, model, member, room=ROOM):
        return [row for row in model.rows(member) if row["conversation"] == room][0]
