/**
 * The fog's journal, one SQLite file: what was acknowledged and is not yet sealed, the outbox, what
 * travels down. One file, so that "stored", "counted" and "queued for the cloud" are one commit.
 */
export const journalMigrations: readonly string[] = [
  `
  CREATE TABLE raw (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    edge TEXT NOT NULL,
    waiting INTEGER NOT NULL,       -- 1: its birth has not come yet
    bytes BLOB NOT NULL             -- the envelope as it came
  ) STRICT;
  CREATE INDEX raw_waiting ON raw (edge, id) WHERE waiting = 1;
  CREATE TABLE seen (
    edge TEXT NOT NULL, stream TEXT NOT NULL, epoch INTEGER NOT NULL, ranges TEXT NOT NULL,
    PRIMARY KEY (edge, stream, epoch)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE edges (
    edge TEXT PRIMARY KEY,
    stored INTEGER NOT NULL DEFAULT 0,
    last_seen_ms REAL NOT NULL DEFAULT 0,
    status BLOB
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE births (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- the edge's newest birth has the highest
    edge TEXT NOT NULL, epoch INTEGER NOT NULL, dictionary INTEGER NOT NULL, bytes BLOB NOT NULL,
    UNIQUE (edge, epoch, dictionary) ON CONFLICT REPLACE
  ) STRICT;
  CREATE TABLE events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    edge TEXT NOT NULL,
    at_ms REAL NOT NULL,
    backlog INTEGER NOT NULL,
    handed INTEGER NOT NULL DEFAULT 0,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX events_unhanded ON events (number) WHERE handed = 0;
  CREATE TABLE dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms REAL NOT NULL, edge TEXT NOT NULL, family TEXT NOT NULL, reason TEXT NOT NULL,
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE site_tags (
    position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, edge TEXT NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE site_dictionaries (hash INTEGER PRIMARY KEY, tags TEXT NOT NULL) STRICT;
  CREATE TABLE sealing (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    minute_ms REAL NOT NULL,
    applied_to INTEGER NOT NULL,    -- newest raw id whose readings of this minute are all inside
    dictionary INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    block BLOB NOT NULL
  ) STRICT;
  CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    rank INTEGER NOT NULL,          -- 0 before 1; see outbox.ts
    kind TEXT NOT NULL,
    at_ms REAL NOT NULL,
    sequence INTEGER,               -- given when first sent
    bytes BLOB NOT NULL
  ) STRICT;
  CREATE INDEX outbox_order ON outbox (rank, number) WHERE sequence IS NULL;
  CREATE INDEX outbox_sent ON outbox (sequence) WHERE sequence IS NOT NULL;
  CREATE TABLE artifacts (
    name TEXT NOT NULL, version INTEGER NOT NULL, kind INTEGER NOT NULL, stage TEXT NOT NULL,
    outcome INTEGER NOT NULL, reason TEXT NOT NULL, at_ms REAL NOT NULL,
    expires_at_ms REAL NOT NULL, payload BLOB,
    PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE artifact_states (
    place TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (place, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    edge TEXT NOT NULL, family TEXT NOT NULL, ref TEXT NOT NULL,
    expires_at_ms REAL NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // Panes of tags that are summarised; NULL when there are none.
  "ALTER TABLE sealing ADD COLUMN summaries BLOB;",
  "CREATE TABLE waveforms (number INTEGER PRIMARY KEY, samples BLOB NOT NULL) STRICT;",
  // What an event is about, so that a flood of one kind hides no other.
  `
  ALTER TABLE events ADD COLUMN kind TEXT NOT NULL DEFAULT '';
  CREATE INDEX events_kind ON events (kind, number);
  `,
  // Numbers by who gave them ('0': an edge that is too old to say), with fingerprints of the newest.
  `
  CREATE TABLE numbers (
    edge TEXT NOT NULL, stream TEXT NOT NULL, epoch INTEGER NOT NULL, incarnation TEXT NOT NULL,
    ranges TEXT NOT NULL, prints BLOB NOT NULL,
    PRIMARY KEY (edge, stream, epoch, incarnation)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO numbers SELECT edge, stream, epoch, '0', ranges, x'' FROM seen;
  DROP TABLE seen;
  ALTER TABLE births RENAME TO births_before;
  CREATE TABLE births (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- the edge's newest birth has the highest
    edge TEXT NOT NULL, epoch INTEGER NOT NULL, incarnation TEXT NOT NULL,
    dictionary INTEGER NOT NULL, bytes BLOB NOT NULL,
    UNIQUE (edge, epoch, incarnation, dictionary) ON CONFLICT REPLACE
  ) STRICT;
  INSERT INTO births SELECT number, edge, epoch, '0', dictionary, bytes FROM births_before;
  DROP TABLE births_before;
  CREATE TABLE gaps (
    edge TEXT NOT NULL, stream TEXT NOT NULL, epoch INTEGER NOT NULL, incarnation TEXT NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, told_at_ms REAL NOT NULL,
    PRIMARY KEY (edge, stream, epoch, incarnation, first)
  ) STRICT, WITHOUT ROWID;
  `,
  // Items keep who numbered them, and stay for a while after the cloud has them.
  `
  ALTER TABLE outbox ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE outbox ADD COLUMN incarnation TEXT NOT NULL DEFAULT '0';
  ALTER TABLE outbox ADD COLUMN kept_at_ms REAL;  -- since when the cloud has it; NULL: it has not
  UPDATE outbox SET epoch = (SELECT CAST(value AS INTEGER) FROM facts WHERE name = 'outbox-epoch')
    WHERE sequence IS NOT NULL;
  DROP INDEX outbox_sent;
  CREATE INDEX outbox_sent ON outbox (sequence) WHERE sequence IS NOT NULL AND kept_at_ms IS NULL;
  CREATE INDEX outbox_kept ON outbox (kept_at_ms) WHERE kept_at_ms IS NOT NULL;
  CREATE TABLE outbox_incarnations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    incarnation TEXT NOT NULL, epoch INTEGER NOT NULL,
    first INTEGER NOT NULL          -- the sequence it began with; it ends before the next one's
  ) STRICT;
  `,
];
