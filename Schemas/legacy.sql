-- The legacy mailbox system: a denormalised, email-like store. Every participant has an own copy of every message.
--
--   sqlite3 FILE < Schemas/legacy.sql        psql -d DATABASE -f Schemas/legacy.sql
--
-- Times are microseconds since 1970 by the store's clock. A row's source_version is such a time, strictly increasing
-- within its thread; every change of a row gives it a new one, except writing back conversation_id and message_id.

-- The version of this schema.
CREATE TABLE IF NOT EXISTS legacy_schema (
    version INTEGER PRIMARY KEY
);

CREATE TABLE IF NOT EXISTS thread (
    thread_id       TEXT NOT NULL PRIMARY KEY,
    subject         TEXT NOT NULL,      -- the title everybody sees
    creator         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    source_version  BIGINT NOT NULL,
    conversation_id TEXT                -- back-filled: the conversation it became
);

-- One row a person and thread; leaving and coming back change it.
CREATE TABLE IF NOT EXISTS participant (
    thread_id      TEXT NOT NULL,
    owner          TEXT NOT NULL,
    joined_at      BIGINT NOT NULL,
    left_at        BIGINT,              -- null while inside
    folder         TEXT NOT NULL,       -- where the owner keeps the thread: inbox, archive, any other
    source_version BIGINT NOT NULL,
    PRIMARY KEY (thread_id, owner)
);

-- One participant's own row of a message.
CREATE TABLE IF NOT EXISTS message_copy (
    copy_id         TEXT NOT NULL PRIMARY KEY,
    thread_id       TEXT NOT NULL,
    owner           TEXT NOT NULL,
    dedup_key       TEXT NOT NULL,      -- the same in all copies of a message
    folder          TEXT NOT NULL,
    sender          TEXT NOT NULL,
    recipients      TEXT NOT NULL,      -- a JSON list of owners
    subject         TEXT NOT NULL,      -- as it was sent
    body            TEXT,               -- null once deleted for everyone
    attachments     TEXT NOT NULL,      -- a JSON list of {"uri","mediaType","name","bytes"}
    in_reply_to     TEXT,               -- the dedup_key of the message it answers
    sent_at         BIGINT NOT NULL,
    read_at         BIGINT,             -- null while unread
    starred         SMALLINT NOT NULL,  -- 0 or 1
    deleted         SMALLINT NOT NULL,  -- 0 no, 1 this copy by its owner, 2 for everyone
    deleted_by      TEXT,               -- who deleted it for everyone
    edited_at       BIGINT,
    source_version  BIGINT NOT NULL,
    conversation_id TEXT,               -- back-filled
    message_id      TEXT                -- back-filled: the shared message it became
);
CREATE INDEX IF NOT EXISTS message_copy_by_message ON message_copy (thread_id, dedup_key, owner);
CREATE INDEX IF NOT EXISTS message_copy_by_owner ON message_copy (owner, thread_id, sent_at);

-- The last version given in a thread: whoever changes the thread locks its row first, so versions are strict and the
-- rows of one thread reach the outbox in the order of their versions.
CREATE TABLE IF NOT EXISTS thread_clock (
    thread_id    TEXT NOT NULL PRIMARY KEY,
    last_version BIGINT NOT NULL
);

-- Each change of a row, written in the change's own transaction: the whole row after it. The relay removes what it has
-- appended to the log.
CREATE TABLE IF NOT EXISTS outbox (
    source_version BIGINT NOT NULL,
    thread_id      TEXT NOT NULL,
    image          TEXT NOT NULL,       -- a legacy write in JSON, see LEGACY.md
    PRIMARY KEY (source_version, thread_id)
);
