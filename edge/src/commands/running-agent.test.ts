import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { runningAgent } from "./running-agent.ts";

test("an agent that takes connections and answers nothing is silent, not missing", async () => {
  const server = createServer((socket) => void socket.on("error", () => {}));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const agent = runningAgent({ dataDir: undefined, url }, {});
  const said = await agent.get("/status.json").catch((error: Error) => error);
  expect(said).toMatchObject({ code: "EDGE_SILENT" });
  expect(`${said}`).toContain("has not answered for 5 s");
  expect(`${said}`).not.toContain('start one with "weir-edge run"');
});

test("where nobody listens, no edge answers, and how to start one is said", async () => {
  const agent = runningAgent({ dataDir: undefined, url: "http://127.0.0.1:1" }, {});
  await expect(agent.get("/status.json")).rejects.toMatchObject({ code: "EDGE_NOT_RUNNING" });
});
