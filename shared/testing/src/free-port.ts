/** TCP ports for programs that must be told one. Prefer port 0 where the program can tell its port. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that Linux (32768 on), macOS and Windows (49152 on) give to whoever asks for any: between
 * this answer and its use no outgoing connection and no listener on port 0 takes one of these.
 */
const [first, end] = [10_240, 32_768];
const given = new Set<number>();

/** Nobody listened on it a moment ago; no port comes twice from one process. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (;;) {
    const port = randomInt(first, end);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port, host)) return port;
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  await once(server.close(), "close");
  return true;
}
