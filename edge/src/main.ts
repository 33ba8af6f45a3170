/**
 * The edge agent's program.
 *
 * `run` has three threads. Control reads, guards and detects; uplink keeps and sends; this one starts
 * them, passes hand-overs between them and does nothing else. So neither a broken outbox nor a full
 * heap in the uplink reaches control: the uplink falls alone and is started again. When control falls,
 * the process ends and the service manager starts it anew, with latched trips on disk and the I/O
 * modules' watchdogs holding their outputs safe in between.
 */
import { main } from "@weir/runtime/process.ts";
import { approve } from "./commands/approve.ts";
import { audit, backup, restore } from "./commands/backup.ts";
import { diff } from "./commands/diff.ts";
import { matrix } from "./commands/matrix.ts";
import { ports } from "./commands/ports.ts";
import { probe } from "./commands/probe.ts";
import { profiles } from "./commands/profiles.ts";
import { proofTest } from "./commands/proof-test.ts";
import { reload } from "./commands/reload.ts";
import { replay } from "./commands/replay.ts";
import { reset } from "./commands/reset.ts";
import { run } from "./commands/run.ts";
import { scan } from "./commands/scan.ts";
import { simulateTrip } from "./commands/simulate-trip.ts";
import { status } from "./commands/status.ts";
import { validate } from "./commands/validate.ts";

await main({
  name: "weir-edge",
  about: "Reads the devices of one gateway, acts on hard limits, sends every reading to the fog.",
  version: "0.1.0",
  commands: {
    run,
    validate,
    diff,
    matrix,
    approve,
    reload,
    replay,
    probe,
    profiles,
    ports,
    scan,
    status,
    "simulate-trip": simulateTrip,
    "proof-test": proofTest,
    reset,
    backup,
    restore,
    audit,
  },
});
