/** An edge with a thousand tags, as many registers, each read once a second, every rule at work. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

export const tagCount = 1_000;
const tagsPerDevice = 100;
const headerSize = 7;

/** A Modbus TCP slave that answers any read of registers with values that move a little. */
export async function startSlave(): Promise<{ server: Server; port: number }> {
  let count = 0;
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    // The edge has one request in flight, and a frame is far shorter than a packet.
    socket.on("data", (request) => {
      const words = request.readUInt16BE(10);
      const reply = Buffer.alloc(headerSize + 2 + 2 * words);
      request.copy(reply, 0, 0, headerSize + 1);
      reply.writeUInt16BE(reply.length - 6, 4);
      reply[headerSize + 1] = 2 * words;
      count++;
      for (let i = 0; i < words; i++) {
        reply.writeUInt16BE(100 + ((count * 7 + i) % 5), headerSize + 2 + 2 * i);
      }
      socket.write(reply);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

export function thousandTagsYaml(port: number): string {
  const tag = (i: number) =>
    `      T${i}: {read: "holding:${i}", type: uint16, every: 1s, min: 0, max: 1000, limits: {hardHigh: 900},
        detect: {delta: {max: 300}, z: {}, stuck: {}, noise: {}, spike: {}}}`;
  const device = (d: number) => {
    const own = Array.from({ length: tagsPerDevice }, (_, i) => tag(d * tagsPerDevice + i));
    return `  - id: D${d}\n    connection: plc\n    tags:\n${own.join("\n")}`;
  };
  const rule = (i: number) =>
    `  - {id: R${i}, when: {tag: D${Math.floor(i / tagsPerDevice)}/T${i}, above: hardHigh}, action: alarm_only}`;
  return `version: 1
site: {id: bench}
edge: bench
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}}}
devices:
${Array.from({ length: tagCount / tagsPerDevice }, (_, d) => device(d)).join("\n")}
safety:
${Array.from({ length: tagCount }, (_, i) => rule(i)).join("\n")}
`;
}
