"""Computed ids (DESIGN section 4) and the canonical form of content."""

import hashlib
import json
import uuid

DEFAULT_NAMESPACE = "9f02e5ff-bdc0-5c4f-98fc-67241590b612"


def uuid5(namespace: str, name: bytes) -> str:
    """UUIDv5 of a name given as bytes (the standard library of Python 3.11 takes text only)."""
    digest = hashlib.sha1(uuid.UUID(namespace).bytes + name).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def message_id(conversation: str, sender: str, client_token: str) -> str:
    return uuid5(conversation, b"send" + uuid.UUID(sender).bytes + client_token.encode("utf-8"))


def direct_conversation_id(one: str, other: str, namespace: str = DEFAULT_NAMESPACE) -> str:
    smaller, greater = sorted([uuid.UUID(one).bytes, uuid.UUID(other).bytes])
    return uuid5(namespace, b"direct" + smaller + greater)


def uuid7_like(milliseconds: int, seed: bytes) -> str:
    """A UUID in the form of version 7 whose random part is a hash: the same arguments give the same id."""
    raw = milliseconds.to_bytes(6, "big") + hashlib.sha256(seed).digest()[:10]
    value = int.from_bytes(raw, "big")
    value = value & ~(0xF << 76) | (7 << 76)
    value = value & ~(0x3 << 62) | (2 << 62)
    return str(uuid.UUID(int=value))


def without_empty(value):
    """Fields that are null and empty lists left out, at every depth: both mean the same as absent."""
    if isinstance(value, dict):
        pairs = {key: without_empty(inner) for key, inner in value.items()}
        return {key: inner for key, inner in pairs.items() if inner is not None and inner != []}
    if isinstance(value, list):
        return [without_empty(inner) for inner in value]
    return value


def canonical(value) -> str:
    """Canonical JSON: keys sorted, no spaces, empty lists left out."""
    return json.dumps(without_empty(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
