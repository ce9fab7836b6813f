#!/usr/bin/env python3
"""Sends a message into a log on Kafka, from Python: a command built from Schemas/record.proto, sealed by Schemas/SEALED.md.

    producer.py --brokers HOST:PORT --keys DATA/keys/keys.sqlite --master DATA/keys/master.key \\
        --conversation C --as M [--token TEXT] TEXT
    producer.py --write FILE --keys ... TEXT      # writes the record for kcat (see README.md), and appends nothing

Needs the packages `cryptography` and, to append, `confluent-kafka`. The conversation and the sender must have keys already: their
first command goes through `parley`, which makes them. Sending again with the same --token is the same message, however
often it gets into the log. Prints {"id","message","position"} when the message is durable.
"""

import argparse
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

TOPIC = "conversation-commands"
MEMBER, CONVERSATION = 1, 2
KEY_ENDS = b"<parley-key>"


# ---- ids (16 bytes each)

def uuid7():
    """A command id: 48 bits of milliseconds, then random ones."""
    value = int(time.time() * 1000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 7 << 76
    return (value & ~(3 << 62) | 2 << 62).to_bytes(16, "big")


def uuid5(namespace, name):
    digest = bytearray(hashlib.sha1(namespace + name).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def message_id(conversation, sender, token):
    return uuid5(conversation, b"send" + sender + token.encode())


# ---- keys and sealing (Schemas/SEALED.md)

class KeyStore:
    """Reads the key store of a deployment; it never changes it."""

    def __init__(self, path, master_file):
        master = open(master_file, "rb").read()
        if len(master) != 32:
            master = bytes.fromhex(master.decode("ascii").strip())
        self.database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        salt, check = self.database.execute("SELECT salt, key_check FROM store").fetchone()
        self.root = hmac.new(salt, master, hashlib.sha256).digest()
        if self.expand(b"parley-key-store-v1 check", 16) != check:
            sys.exit("the master key is not that of this key store")

    def expand(self, info, length):
        return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(self.root)

    def current(self, kind, owner):
        """Generation and key that new content is sealed under."""
        row = self.database.execute(
            "SELECT generation, destroyed, wrapped FROM owner_key JOIN wrapped_key USING (slot)"
            " WHERE owner_kind = ? AND owner = ? ORDER BY generation DESC LIMIT 1", (kind, owner)).fetchone()
        if row is None or row[1]:
            sys.exit(f"{uuid.UUID(bytes=owner)} has no key yet: send its first command with parley, which makes one")
        info = b"parley-key-store-v1 key" + bytes([kind]) + owner + row[0].to_bytes(4, "big")
        return row[0], aes_key_unwrap(self.expand(info, 32), row[2])


def seal(plaintext, keys, conversation, message, author, command):
    """The sealed bytes of a body, and the digest by which a copy is told from a conflict."""
    author_generation, author_key = keys.current(MEMBER, author)
    conversation_generation, conversation_key = keys.current(CONVERSATION, conversation)
    generations = author_generation.to_bytes(4, "big") + conversation_generation.to_bytes(4, "big")
    content_key, nonce = os.urandom(32), os.urandom(12)
    wrapped = aes_key_wrap(conversation_key, aes_key_wrap(author_key, content_key))
    data = b"parley-sealed" + bytes([1, 1]) + conversation + message + author + command + generations
    body = AESGCM(content_key).encrypt(nonce, plaintext, data)
    digest_key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"parley-payload-digest-v1").derive(
        conversation_key)
    told = len(plaintext).to_bytes(4, "big") + plaintext + bytes(4)
    digest = hmac.new(digest_key, told, hashlib.sha256).digest()[:16]
    return bytes([1]) + generations + nonce + wrapped + body, digest


# ---- the record (Schemas/record.proto), in protobuf's wire format

def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def blob(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def send_record(command, actor, conversation, message, token, sealed, digest):
    send = blob(1, message) + blob(2, token.encode()) + blob(3, sealed) + blob(4, digest)
    return number(1, 1) + blob(2, command) + blob(3, actor) + blob(4, conversation) + blob(17, send)


# ---- appending

def append(brokers, properties, key, record, prefix=""):
    """The record's place, once every in-sync replica has it. Partitions are those of Java's clients: murmur2 of the key."""
    from confluent_kafka import Producer    # not needed to write a record for kcat
    outcome = {}

    def report(error, message):
        outcome["error"], outcome["message"] = error, message

    producer = Producer({
        **properties, "bootstrap.servers": brokers, "acks": "all", "enable.idempotence": True,
        "partitioner": "murmur2_random",
    })
    producer.produce(prefix + TOPIC, key=key, value=record, on_delivery=report)
    producer.flush(60)
    if outcome.get("error") is not None or "message" not in outcome:
        # Nobody knows whether it is in the log: run again with the same --token.
        sys.exit(f"no answer: {outcome.get('error')}: try again with the same --token")
    return f"{TOPIC}/{outcome['message'].partition()}@{outcome['message'].offset()}"


def main():
    parser = argparse.ArgumentParser(description="Sends a message into a log on Kafka.")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--brokers", metavar="HOST:PORT,...")
    place.add_argument("--write", metavar="FILE", help="key, the word <parley-key>, value: what kcat -P -l takes")
    parser.add_argument("--property", action="append", default=[], metavar="NAME=VALUE", help="of librdkafka; no secrets")
    parser.add_argument("--topic-prefix", default="", help="as kafka.topic.prefix")
    parser.add_argument("--keys", required=True, metavar="FILE")
    parser.add_argument("--master", required=True, metavar="FILE")
    parser.add_argument("--conversation", required=True, type=uuid.UUID, metavar="C")
    parser.add_argument("--as", dest="actor", required=True, type=uuid.UUID, metavar="M")
    parser.add_argument("--token", help="the client token; without it a new one")
    parser.add_argument("text")
    given = parser.parse_args()

    conversation, actor = given.conversation.bytes, given.actor.bytes
    command = uuid7()
    token = given.token or str(uuid.UUID(bytes=command))
    message = message_id(conversation, actor, token)
    content = json.dumps({"text": given.text}, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    sealed, digest = seal(content, KeyStore(given.keys, given.master), conversation, message, actor, command)
    record = send_record(command, actor, conversation, message, token, sealed, digest)
    answer = {"id": str(uuid.UUID(bytes=command)), "message": str(uuid.UUID(bytes=message))}
    if given.write:
        with open(given.write, "wb") as file:
            file.write(conversation + KEY_ENDS + record)
    else:
        properties = dict(one.split("=", 1) for one in given.property)
        answer["position"] = append(given.brokers, properties, conversation, record, given.topic_prefix)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
