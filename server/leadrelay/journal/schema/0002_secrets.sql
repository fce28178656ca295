-- Credentials. What is here is of no use without a key that is never here.
CREATE TABLE secrets (
    name       TEXT    PRIMARY KEY,
    version    INTEGER NOT NULL,  -- of the name's value, from 1
    updated_at INTEGER NOT NULL,  -- nanoseconds since the epoch
    key_id     TEXT    NOT NULL,  -- of the key that the data key is under
    data_key   BLOB    NOT NULL,
    content    BLOB    NOT NULL
);
