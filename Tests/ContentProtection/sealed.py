#!/usr/bin/env python3
"""Sealed content of Parley, written from Schemas/SEALED.md alone; needs the package `cryptography`.

    sealed.py seal FILE                     the cases of FILE with "sealed" and "digest" filled in
    sealed.py open FILE                     the cases of FILE with "plaintext" and "digest" filled in, or "error"
    sealed.py open FILE --store KEYS MASTER the same, with keys from a key store and its master key file
    sealed.py vectors                       the vectors of vectors.json

FILE ("-" for standard input) is a JSON list of cases. Bytes are hexadecimal, ids are UUID text:
    kind ("body", "title"), conversation, message (null or absent for a title), author, command, replyTo (may be null or absent),
    authorGeneration, authorKey, conversationGeneration, conversationKey, plaintext, sealed, digest;
    contentKey and nonce only where sealing must give known bytes.
"""

import hashlib
import hmac
import json
import os
import sqlite3
import sys
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

VERSION = 1
KINDS = {"body": 1, "title": 2}


class Refused(Exception):
    """The bytes are not sealed content, or not that of this case."""


def id_bytes(text):
    return uuid.UUID(text).bytes if text else bytes(16)


def authenticated_data(case, author_generation, conversation_generation):
    return (
        b"parley-sealed"
        + bytes([VERSION, KINDS[case["kind"]]])
        + id_bytes(case["conversation"])
        + id_bytes(case.get("message"))
        + id_bytes(case["author"])
        + id_bytes(case["command"])
        + author_generation.to_bytes(4, "big")
        + conversation_generation.to_bytes(4, "big")
    )


def seal(case):
    author, conversation = case["authorGeneration"], case["conversationGeneration"]
    content_key = bytes.fromhex(case["contentKey"]) if "contentKey" in case else os.urandom(32)
    nonce = bytes.fromhex(case["nonce"]) if "nonce" in case else os.urandom(12)
    inner = aes_key_wrap(bytes.fromhex(case["authorKey"]), content_key)
    outer = aes_key_wrap(bytes.fromhex(case["conversationKey"]), inner)
    data = authenticated_data(case, author, conversation)
    # AESGCM answers the ciphertext with the tag behind it.
    body = AESGCM(content_key).encrypt(nonce, bytes.fromhex(case["plaintext"]), data)
    return bytes([VERSION]) + author.to_bytes(4, "big") + conversation.to_bytes(4, "big") + nonce + outer + body


def open_sealed(case, key_of):
    sealed = bytes.fromhex(case["sealed"])
    if len(sealed) < 85 or sealed[0] != VERSION:
        raise Refused("malformed")
    author, conversation = int.from_bytes(sealed[1:5], "big"), int.from_bytes(sealed[5:9], "big")
    nonce, outer, body = sealed[9:21], sealed[21:69], sealed[69:]
    author_key = key_of(case, "author", author)
    conversation_key = key_of(case, "conversation", conversation)
    try:
        content_key = aes_key_unwrap(author_key, aes_key_unwrap(conversation_key, outer))
        return AESGCM(content_key).decrypt(nonce, body, authenticated_data(case, author, conversation))
    except (InvalidUnwrap, InvalidTag) as error:
        raise Refused("tampered") from error


def digest(case, content):
    key = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"parley-payload-digest-v1").derive(
        bytes.fromhex(case["conversationKey"])
    )
    reply = id_bytes(case["replyTo"]) if case.get("replyTo") else b""
    message = len(content).to_bytes(4, "big") + content + len(reply).to_bytes(4, "big") + reply
    return hmac.new(key, message, hashlib.sha256).digest()[:16]


def key_in_case(case, owner, generation):
    if generation != case[owner + "Generation"]:
        raise Refused("unknownKey")
    return bytes.fromhex(case[owner + "Key"])


def key_in_store(path, master_file):
    """A function that finds keys in a key store, as the section "The key store" says."""
    master = open(master_file, "rb").read()
    if len(master) != 32:
        master = bytes.fromhex(master.decode("ascii").strip())
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    salt, check = database.execute("SELECT salt, key_check FROM store").fetchone()
    root = hmac.new(salt, master, hashlib.sha256).digest()

    def expand(info, length):
        return HKDFExpand(algorithm=hashes.SHA256(), length=length, info=info).derive(root)

    if expand(b"parley-key-store-v1 check", 16) != check:
        raise Refused("wrongMasterKey")

    def key_of(case, owner, generation):
        kind = {"author": 1, "conversation": 2}[owner]
        owner_id = id_bytes(case[owner])
        row = database.execute(
            "SELECT destroyed, wrapped FROM owner_key JOIN wrapped_key USING (slot)"
            " WHERE owner_kind = ? AND owner = ? AND generation = ?",
            (kind, owner_id, generation),
        ).fetchone()
        if row is None:
            raise Refused("unknownKey")
        if row[0]:
            raise Refused("erased")
        info = b"parley-key-store-v1 key" + bytes([kind]) + owner_id + generation.to_bytes(4, "big")
        key = aes_key_unwrap(expand(info, 32), row[1])
        case[owner + "Key"] = key.hex()
        return key

    return key_of


def answer_seal(case):
    case["sealed"] = seal(case).hex()
    case["digest"] = digest(case, bytes.fromhex(case["plaintext"])).hex()


def answer_open(case, key_of):
    try:
        plaintext = open_sealed(case, key_of)
        case["plaintext"] = plaintext.hex()
        case["digest"] = digest(case, plaintext).hex()
    except Refused as refused:
        case["error"] = str(refused)


def vectors():
    def known(word, length):
        return hashlib.shake_256(b"parley vector " + word.encode()).digest(length)

    def case(name, kind, plaintext, reply, generations):
        def named(word):
            return str(uuid.UUID(bytes=known(f"{name} {word}", 16)))

        made = {
            "name": name,
            "kind": kind,
            "conversation": named("conversation"),
            "message": named("message") if kind == "body" else None,
            "author": named("author"),
            "command": named("command"),
            "replyTo": named("replyTo") if reply else None,
            "authorGeneration": generations[0],
            "authorKey": known(f"{name} author key", 32).hex(),
            "conversationGeneration": generations[1],
            "conversationKey": known(f"{name} conversation key", 32).hex(),
            "contentKey": known(f"{name} content key", 32).hex(),
            "nonce": known(f"{name} nonce", 12).hex(),
            "plaintext": plaintext.hex(),
        }
        answer_seal(made)
        return made

    return [
        case("hello", "body", b'{"text":"hello"}', False, (1, 1)),
        case("reply", "body", '{"text":"größer als 16 Bytes"}'.encode(), True, (1, 2)),
        case("empty", "body", b"", False, (7, 4_000_000_000)),
        case("block", "body", bytes(range(16)), True, (2, 1)),
        case("title", "title", b"A title", False, (3, 1)),
        case("long", "body", known("long", 3_000), True, (1, 1)),
    ]


def main(arguments):
    if arguments == ["vectors"]:
        print(json.dumps(vectors(), indent=2))
        return
    if len(arguments) < 2 or arguments[0] not in ("seal", "open"):
        sys.exit(__doc__)
    cases = json.load(sys.stdin if arguments[1] == "-" else open(arguments[1], encoding="utf-8"))
    key_of = key_in_case
    if arguments[2:3] == ["--store"]:
        key_of = key_in_store(arguments[3], arguments[4])
    for case in cases:
        answer_seal(case) if arguments[0] == "seal" else answer_open(case, key_of)
        if key_of is not key_in_case:
            # What was found in the key store stays in this process.
            case.pop("authorKey", None)
            case.pop("conversationKey", None)
    json.dump(cases, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
