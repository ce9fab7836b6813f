"""The log as Kafka's own clients see it: records by their positions, in order."""

import re
import threading
import time
import uuid
from collections import namedtuple

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

TOPICS = ("conversation-commands", "member-commands")

# `kind` is the number of the command's field in Schemas/record.proto.
Record = namedtuple("Record", "id actor conversation kind")


def decode(value):
    """The ids of a record (Schemas/record.proto), by protobuf's wire format."""
    place, fields, kind = 0, {}, None
    while place < len(value):
        tag, place = varint(value, place)
        field, wire = tag >> 3, tag & 7
        if wire == 0:
            _, place = varint(value, place)
        elif wire == 2:
            size, place = varint(value, place)
            if field in (2, 3, 4):
                fields[field] = str(uuid.UUID(bytes=bytes(value[place:place + size])))
            place += size
        else:
            raise ValueError(f"wire type {wire} in a record")
        if field >= 16:
            kind = field
    return Record(fields[2], fields[3], fields[4], kind)


def varint(value, place):
    result = shift = 0
    while True:
        byte = value[place]
        result |= (byte & 0x7F) << shift
        place += 1
        if byte < 0x80:
            return result, place
        shift += 7


class LogReader:
    """Follows both command topics on a thread of its own: `records[topic, partition]` is a list by offset."""

    def __init__(self, brokers, partitions):
        self.records = {(topic, partition): [] for topic in TOPICS for partition in range(partitions)}
        self.problems = []
        self.is_stopping = threading.Event()
        self.consumer = Consumer({
            "bootstrap.servers": brokers.bootstrap, "group.id": "fault-cycles", "enable.auto.commit": False,
            "auto.offset.reset": "error", "check.crcs": True, "log_level": 0, "socket.timeout.ms": 5000,
            "reconnect.backoff.max.ms": 500})
        self.consumer.assign([TopicPartition(topic, partition, 0) for topic, partition in self.records])
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        while not self.is_stopping.is_set():
            for message in self.consumer.consume(500, timeout=0.2):
                if message.error() is None:
                    self.take(message)
                elif message.error().code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
                    self.problems.append(str(message.error()))
        self.consumer.close()

    def take(self, message):
        found = self.records[message.topic(), message.partition()]
        if message.offset() != len(found):
            self.problems.append(
                f"{message.topic()}/{message.partition()}: offset {message.offset()} where {len(found)} was expected")
            return
        found.append(decode(message.value()))

    def ends(self):
        """As far as it has come itself."""
        return {name: len(found) for name, found in self.records.items()}

    def await_end(self, seconds=60):
        """Waits until it has read all that is there."""
        deadline = time.monotonic() + seconds
        for name, found in self.records.items():
            end = self.end(name, deadline)
            while len(found) < end:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{name} is read up to {len(found)} of {end} after {seconds} s")
                time.sleep(0.05)

    def end(self, name, deadline):
        """How many records the partition has, as its leader says. Asked anew every few seconds: a question that went to a
        broker which leads no longer, or is being restarted, may wait there as long as it is let."""
        while True:
            try:
                return self.consumer.get_watermark_offsets(TopicPartition(*name), timeout=5)[1]
            except KafkaException as error:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"no broker says where {name} ends: {error}") from error
                # Some errors come at once.
                time.sleep(0.2)

    def close(self):
        self.is_stopping.set()
        self.thread.join(timeout=30)


def read_with_console_consumer(brokers, ends):
    """Everything there is, as the console consumer of Kafka itself tells it: lists of records by partition.

    `ends` says how many records there are in all; the consumer stops when it has them, or none comes for 20 s."""
    found = {}
    for topic in TOPICS:
        count = sum(end for (name, _), end in ends.items() if name == topic)
        output = brokers.tool(
            "console-consumer", "--topic", topic, "--from-beginning", "--max-messages", str(count), "--timeout-ms", "20000",
            "--property", "print.partition=true", "--property", "print.offset=true",
            # Text in which every byte that is no plain letter is written as \xHH.
            "--property", "value.deserializer=org.apache.kafka.common.serialization.BytesDeserializer")
        for line in output.splitlines():
            match = re.fullmatch(rb"Partition:(\d+)\tOffset:(\d+)\t(.*)", line)
            if match is None:
                raise ValueError(f"the console consumer says {line[:200]!r}")
            entries = found.setdefault((topic, int(match[1])), [])
            if int(match[2]) != len(entries):
                raise ValueError(f"{topic}/{int(match[1])}: offset {int(match[2])} after {len(entries)} records")
            entries.append(decode(plain(match[3])))
    return found


def plain(text):
    return re.sub(rb"\\x([0-9A-F]{2})", lambda match: bytes([int(match[1], 16)]), text)
