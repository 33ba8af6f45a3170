/** An uplink thread that says how often it has started, and falls when it hears of a rule "fall". */
import { parentPort, workerData } from "node:worker_threads";
import type { FromUplink, ToUplink, UplinkThreadSettings } from "../src/uplink/uplink-message.ts";

const { file, fall } = workerData as UplinkThreadSettings;
const after = fall ? ` after ${fall.count}: ${fall.why}` : "";
const say = (message: FromUplink): void => parentPort?.postMessage(message);
parentPort?.on("message", (message: ToUplink) => {
  if (message.kind === "stop") process.exit(0);
  const { notice } = message;
  if (notice.kind === "tags") say({ kind: "address", url: `tags ${notice.configSha256}${after}` });
  if (notice.kind === "readings")
    say({ kind: "address", url: `readings ${notice.batch.tags.length}` });
  if (notice.kind === "event" && notice.event.body?.case === "trip") {
    throw new RangeError(`fallen over ${file}`);
  }
});
say({ kind: "ready" });
