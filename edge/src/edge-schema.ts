/** Tables of the edge's one database, `edge.db`: outbox, births, what came down. Index + 1 is the version. */
export const edgeMigrations: readonly string[] = [
  `
  CREATE TABLE boot (one INTEGER PRIMARY KEY CHECK (one = 1), epoch INTEGER NOT NULL);
  INSERT INTO boot VALUES (1, 0);

  -- pending is the sum over telemetry; the rest is counted in the transaction that moves the readings.
  CREATE TABLE ledger (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    acquired INTEGER NOT NULL, delivered INTEGER NOT NULL, thinned INTEGER NOT NULL, dropped INTEGER NOT NULL
  );
  INSERT INTO ledger VALUES (1, 0, 0, 0, 0);

  -- claimed: may already be at the fog, so it is delivered rather than dropped.
  CREATE TABLE telemetry (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
    count INTEGER NOT NULL, first_ms REAL NOT NULL, last_ms REAL NOT NULL,
    claimed INTEGER NOT NULL, bytes BLOB NOT NULL
  );
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
    count INTEGER NOT NULL, first_ms REAL NOT NULL, last_ms REAL NOT NULL,
    claimed INTEGER NOT NULL, bytes BLOB NOT NULL
  );
  CREATE TABLE reserve (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

  CREATE TABLE births (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch INTEGER NOT NULL, revision INTEGER NOT NULL, bytes BLOB NOT NULL
  );

  CREATE TABLE artifacts (
    name TEXT NOT NULL, version INTEGER NOT NULL, kind INTEGER NOT NULL, outcome INTEGER NOT NULL,
    reason TEXT NOT NULL, at_ms REAL NOT NULL, expires_at_ms REAL NOT NULL, payload BLOB NOT NULL,
    PRIMARY KEY (name, version)
  );
  CREATE TABLE answers (
    ref TEXT PRIMARY KEY, accepted INTEGER NOT NULL, reason TEXT NOT NULL, at_ms REAL NOT NULL,
    delivered INTEGER NOT NULL
  );
  `,
  // Who numbered what; '0' of batches that were numbered before there were incarnations.
  `
  ALTER TABLE telemetry ADD COLUMN incarnation TEXT NOT NULL DEFAULT '0';
  ALTER TABLE events ADD COLUMN incarnation TEXT NOT NULL DEFAULT '0';
  ALTER TABLE boot ADD COLUMN store TEXT NOT NULL DEFAULT '0';
  ALTER TABLE boot ADD COLUMN incarnation TEXT NOT NULL DEFAULT '0';
  ALTER TABLE boot ADD COLUMN telemetry_sequence INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE boot ADD COLUMN events_sequence INTEGER NOT NULL DEFAULT 0;
  `,
  // What the fog was last told of tags, connections and devices.
  `
  CREATE TABLE told (subject TEXT PRIMARY KEY, state TEXT NOT NULL);
  `,
];
