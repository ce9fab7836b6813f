"""Proves the reference model rule by rule, and that the generators keep their promises.

Run: python3 -m unittest discover -s Tests/Model
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from generators import Comparisons, IrcLogs, RandomHistories  # noqa: E402,F401
from rules_legacy import Legacy  # noqa: E402,F401
from rules_membership import Membership  # noqa: E402,F401
from rules_messages import Messages, Order  # noqa: E402,F401
from rules_personal import BrokenLogs, Export, Ids, PersonalMetadata  # noqa: E402,F401

if __name__ == "__main__":
    unittest.main()
