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
import { program } from "./program.ts";

await main(program);
