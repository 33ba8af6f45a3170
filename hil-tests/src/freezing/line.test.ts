import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Line } from "./line.ts";

/** A server that answers every byte with itself, behind a line. */
async function echoes(): Promise<Line> {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const line = await Line.to((server.address() as AddressInfo).port);
  onTestFinished(() => {
    line.close();
    server.close();
  });
  return line;
}

async function dial(line: Line) {
  const socket = connect(line.port, "127.0.0.1");
  socket.on("error", () => {});
  let heard = "";
  socket.on("data", (bytes) => {
    heard += bytes;
  });
  await once(socket, "connect");
  return { socket, heard: () => heard };
}

test("a quiet line keeps its connections and loses no byte", async () => {
  const line = await echoes();
  const { socket, heard } = await dial(line);
  socket.write("a");
  await expect.poll(heard).toBe("a");
  line.quiet();
  socket.write("b");
  const late = await dial(line);
  late.socket.write("c");
  expect([heard(), late.heard(), socket.destroyed]).toEqual(["a", "", false]);
  line.mend();
  await expect.poll(heard).toBe("ab");
  await expect.poll(late.heard).toBe("c");
  socket.destroy();
  late.socket.destroy();
});

test("a cut line ends its connections and lets nobody through until it is mended", async () => {
  const line = await echoes();
  const { socket } = await dial(line);
  const ended = once(socket, "close");
  line.cut();
  await ended;
  const refused = connect(line.port, "127.0.0.1").on("error", () => {});
  await once(refused, "close");
  line.mend();
  const { socket: again, heard } = await dial(line);
  again.write("d");
  await expect.poll(heard).toBe("d");
  again.destroy();
});
