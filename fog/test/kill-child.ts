/** The fog that kill.test.ts kills: store, ingest and door as in `weir-fog run`, without web pages. */
import { join } from "node:path";
import { every, plantClock, systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { type Broker, openBroker } from "../src/broker/aedes-broker.ts";
import { openSiteAuthority } from "../src/enrolment/site-authority.ts";
import { createFog } from "../src/fog.ts";
import { site } from "./fog-rig.ts";

const [dataDir = "", clockSpec = ""] = process.argv.slice(2);
const ioClock = systemClock();
const authority = await openSiteAuthority({
  folder: join(dataDir, "authority"),
  site: "riverside",
  nowMs: ioClock.nowMs(),
});
const server = await authority.issueServer(["127.0.0.1"], ioClock.nowMs());
const fog = await createFog({
  site,
  version: "0.1.0",
  dataDir,
  clock: plantClock(clockSpec),
  ioClock,
  random: seeded(1),
  logger: silentLogger,
  signingKey: authority.signingKey,
  openDoor: async (events) => {
    const broker: Broker = await openBroker(
      {
        host: "127.0.0.1",
        port: 0,
        site: "riverside",
        tls: { ...server, caPem: authority.caPem },
        refusalOf: (certificate) => authority.book.refusalOf(certificate),
        ioClock,
        logger: silentLogger,
      },
      events,
    );
    process.stdout.write(`mqtts://127.0.0.1:${broker.port}\n`);
    return broker;
  },
});
// Looked at more often than it is done, so that a kill at this word comes while the sealing goes on.
let sealed = 0;
every(ioClock, 10, () => {
  const { sealedCount } = fog.core.historian;
  if (sealedCount > sealed) process.stdout.write("sealed\n");
  sealed = sealedCount;
});
