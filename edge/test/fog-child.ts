/** A scripted fog as a process of its own, which can be frozen: tells its port, and then what it holds. */
import { openTlsBroker } from "./tls-broker.ts";

const [folder = ""] = process.argv.slice(2);
const { fog, port } = await openTlsBroker(folder);
const say = (event: object) => void process.stdout.write(`${JSON.stringify(event)}\n`);

const take = fog.take.bind(fog);
fog.take = (family, bytes) => {
  take(family, bytes);
  if (family === "blocks") say({ event: "stored", count: fog.stored });
  if (family === "death") say({ event: "death", orderly: fog.deaths.at(-1)?.orderly });
};
say({ event: "listening", port });
