/** A person's order at the fog's dashboard, answered by the edge while the world's time goes on. */
import assert from "node:assert";
import type { Ack } from "@weir/contracts/generated/weir/v1/command_pb.ts";
import type { CommandBody } from "@weir/fog/downlink/command-desk.ts";
import type { World } from "./world.ts";

const answerWithinMs = 5_000;

/** @throws Fault FOG_EDGE_OFFLINE, FOG_EDGE_SILENT */
export async function command(world: World, edge: string, body: CommandBody): Promise<Ack> {
  const fog = world.fog.fog;
  assert(fog, "the fog is up");
  const order = { body, by: "supervisor", reason: "test" };
  const [ack] = await Promise.all([
    fog.core.commands.send(edge, order),
    world.advance(answerWithinMs),
  ]);
  return ack;
}
