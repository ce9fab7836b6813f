"""Compares every answer of the product with the reference model's, over the product's own log.

Usage: compare.py --parley PATH --data DIR [--members all|N] [--project]

Prints each difference as `where: expected ... / got ...` and exits 1 when there is any. Opaque tokens are followed, not
compared; fields the model does not know are left alone; a time is compared as a moment, content without empty lists.
"""

import argparse
import concurrent.futures
import os
import random
import sys

from differences import difference
from identity import DEFAULT_NAMESPACE
from parley_model import Model, read_lines
from product import Product, Refused

NOBODY = "00000000-0000-4000-8000-000000000000"
DEFAULT_LIMIT = 50
GREATEST_LIMIT = 500


class Comparison:
    def __init__(self, model, product, conversations, messages, seed):
        self.model = model
        self.product = product
        self.conversations = conversations      # how many of each member's to look at closely
        self.messages = messages                # how many messages of each of those
        self.seed = seed

    def some(self, things, count, *salt):
        """The same choice for the same seed, whatever ran before."""
        things = list(things)
        return things if len(things) <= count else random.Random(f"{self.seed} {salt}").sample(things, count)

    def jobs(self, members):
        """Functions that give lists of differences; each runs the product some times."""
        yield lambda: self.listing(["rejections"], self.model.rejections())
        for member in members + [NOBODY]:
            yield lambda member=member: self.export(member)
            yield lambda member=member: self.lists(member)
            yield lambda member=member: self.mailboxes(member)
            inside = [row["conversation"] for row in self.model.rows(member)]
            outside = sorted(set(self.model.conversations) - set(inside))
            for id in self.some(inside, self.conversations, member):
                yield lambda member=member, id=id: self.conversation(id, member)
                yield lambda member=member, id=id: self.some_messages(id, member)
            for id in self.some(outside, 2, member) + [NOBODY]:
                yield lambda member=member, id=id: self.not_theirs(id, member)

    # One kind of answer each

    def export(self, member):
        got = self.product.lines(["export", "--as", member])
        return difference(f"export --as {member}", self.model.export(member), got)

    def lists(self, member):
        return (self.listing(["unread", "--as", member], self.model.unread(member))
                + self.listing(["stars", "--as", member], self.model.stars(member))
                + self.listing(["rejections", "--as", member], self.model.rejections(member)))

    def listing(self, arguments, expected):
        """A list printed as JSON Lines: in one or few pages, then in several small ones."""
        where = " ".join(arguments)
        found = difference(where, expected, self.product.paged_lines(arguments, GREATEST_LIMIT))
        if len(expected) > 1:
            limit = small_limit(len(expected))
            found += difference(f"{where} --limit {limit}", expected, self.product.paged_lines(arguments, limit))
        return found

    def mailboxes(self, member):
        found = []
        for archived in (False, True):
            arguments = ["mailbox", "--as", member] + (["--archived"] if archived else [])
            where = " ".join(arguments)
            expected = self.model.mailbox(member, archived)
            first = {**expected, "conversations": expected["conversations"][:DEFAULT_LIMIT]}
            found += difference(where, first, self.product.object(arguments))
            limit = small_limit(len(expected["conversations"]))
            pages = self.product.pages(arguments, limit, forward=True)
            rows = [row for page in pages for row in page["conversations"]]
            found += difference(f"{where} --limit {limit}", expected["conversations"], rows)
        return found

    def conversation(self, id, member):
        arguments = ["conversation", id, "--as", member]
        where = " ".join(arguments)
        expected = self.model.conversation(id, member)
        newest = {**expected, "messages": expected["messages"][-DEFAULT_LIMIT:]}
        found = difference(where, newest, self.product.object(arguments))
        limit = small_limit(len(expected["messages"]))
        pages = self.product.pages(arguments, limit, forward=False)
        messages = [message for page in reversed(pages) for message in page["messages"]]
        found += difference(f"{where} --limit {limit} backwards", expected["messages"], messages)
        if len(pages) > 1 and pages[-1]["next"] is not None:
            after = self.product.pages(arguments, limit, forward=True, start=pages[-1]["next"])
            messages = pages[-1]["messages"] + [message for page in after for message in page["messages"]]
            found += difference(f"{where} --limit {limit} forwards", expected["messages"], messages)
        found += self.listing(["participants", id, "--as", member], self.model.participants(id, member))
        return found + self.listing(["receipts", id, "--as", member], self.model.receipts(id, member))

    def some_messages(self, id, member):
        found = []
        messages = [message.id for message in self.model.conversations[id].messages_in_order()]
        for message in self.some(messages, self.messages, member, id) + [NOBODY]:
            arguments = ["message", id, message, "--as", member]
            expected = self.model.message(id, message, member)
            if expected is None:
                found += self.refusal(arguments)
            else:
                found += difference(" ".join(arguments), expected, self.product.object(arguments))
        return found

    def not_theirs(self, id, member):
        found = []
        for name in ("conversation", "participants", "receipts"):
            found += self.refusal([name, id, "--as", member])
        conversation = self.model.conversations.get(id)
        for message in list(conversation.messages if conversation else {})[:1]:
            found += self.refusal(["message", id, message, "--as", member])
        return found

    def refusal(self, arguments):
        """Not there and not yours: exit 1, nothing on standard output."""
        code, output = self.product.run(arguments)
        if (code, output) == (1, b""):
            return []
        return [f"{' '.join(arguments)}: expected exit 1 and no output / got exit {code} and {output[:200]!r}"]


def small_limit(count):
    """About four pages."""
    return min(GREATEST_LIMIT, max(2, -(-count // 4)))


def run(job):
    try:
        return job()
    except Refused as error:
        return [str(error)]


def arguments_given():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parley", required=True, help="the product's executable")
    parser.add_argument("--data", required=True, help="its data directory")
    parser.add_argument("--log", help="a dump of `log --open` to use in place of a new one")
    parser.add_argument("--members", default="all", help="how many members to ask for, or all")
    parser.add_argument("--conversations", type=int, default=8, help="looked at closely, of each member")
    parser.add_argument("--messages", type=int, default=6, help="asked for one by one, of each conversation")
    parser.add_argument("--project", action="store_true", help="run both projectors to the log's end first")
    parser.add_argument("--namespace", default=DEFAULT_NAMESPACE, help="the deployment's namespace of ids")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of members, conversations and messages")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, default=200, help="differences printed at most")
    return parser.parse_args()


def main():
    arguments = arguments_given()
    product = Product(arguments.parley, arguments.data)
    try:
        for view in ("shared", "personal") if arguments.project else ():
            product.answer(["project", view, "--once"])
        if arguments.log:
            with open(arguments.log, "rb") as file:
                lines = read_lines(file)
        else:
            lines = product.lines(["log", "--open"])
    except Refused as error:
        sys.exit(str(error))
    model = Model(lines, arguments.namespace)
    comparison = Comparison(model, product, arguments.conversations, arguments.messages, arguments.seed)
    members = model.everybody()
    if arguments.members != "all":
        members = comparison.some(members, int(arguments.members), "members")
    found = list(model.problems)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for differences in pool.map(run, comparison.jobs(members)):
            found += differences
    for line in found[:arguments.show]:
        print(line)
    print(f"{len(lines)} records, {len(members)} members, {product.runs} answers, {len(found)} differences",
          file=sys.stderr)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
