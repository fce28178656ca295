-- How many numbers were drawn from each pool, such as the turns of a waterfall that goes round.
CREATE TABLE pools (
    name  TEXT    PRIMARY KEY,
    drawn INTEGER NOT NULL
) WITHOUT ROWID;
