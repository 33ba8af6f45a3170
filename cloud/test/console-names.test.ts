/** The console beyond loopback: its own certificate, by name, and no other name; as the program runs it. */
import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { startProgram } from "@weir/testing/child-process.ts";
import { expect, test } from "vitest";
import { temporaryDir } from "./temporary-dir.ts";

interface Answer {
  status: number;
  body: string;
}

/** Asks as a browser on another machine does: the certificate must be good for `name`. */
function ask(port: string, { name, caPem }: { name: string; caPem: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      ...{ host: "127.0.0.1", port, path: "/api/session", ca: caPem },
      // An address has no server name in TLS.
      ...(name !== "127.0.0.1" && { servername: name }),
      headers: { host: `${name}:${port}` },
    };
    const take = async (answer: IncomingMessage) =>
      resolve({ status: answer.statusCode ?? 0, body: await text(answer) });
    request(options, (answer) => void take(answer).catch(reject))
      .on("error", reject)
      .end();
  });
}

test("by its names over https with its own certificate; another Host is refused with the setting that would allow it", async () => {
  const dir = temporaryDir();
  const dataDir = join(dir, "data");
  const config = join(dir, "cloud.yaml");
  writeFileSync(config, "console: {host: 0.0.0.0, port: 0, names: [weir.mill.example]}\n");
  const cloud = startProgram({
    program: "weir-cloud",
    args: ["run", "--config", config, "--data-dir", dataDir, "--door-port", "0", "--json"],
  });
  const { url } = await cloud.waitFor("address", ({ what }) => what === "console");
  await cloud.waitFor("started");
  const { port, protocol } = new URL(String(url));
  expect(protocol).toBe("https:");
  const caPem = readFileSync(join(dataDir, "pki/ca.pem"), "utf8");
  expect((await ask(port, { name: "weir.mill.example", caPem })).status).toBe(401);
  expect((await ask(port, { name: "127.0.0.1", caPem })).status).toBe(401);
  await expect(ask(port, { name: "evil.example", caPem })).rejects.toThrow(/does not match/);

  const foreign = await new Promise<Answer>((resolve, reject) => {
    const options = {
      ...{ host: "127.0.0.1", port, path: "/api/session", ca: caPem },
      ...{ servername: "weir.mill.example", headers: { host: "evil.example" } },
    };
    const take = async (answer: IncomingMessage) =>
      resolve({ status: answer.statusCode ?? 0, body: await text(answer) });
    request(options, (answer) => void take(answer).catch(reject))
      .on("error", reject)
      .end();
  });
  expect(foreign.status).toBe(421);
  expect(foreign.body).toContain("console.names in cloud.yaml");
});
