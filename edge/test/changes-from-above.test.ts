/** A signed change of the configuration, from a real broker to the bus and back. */
import { writeFileSync } from "node:fs";
import { seal } from "@weir/contracts/envelope.ts";
import { ArtifactKind, ArtifactOutcome } from "@weir/contracts/generated/weir/v1/artifact_pb.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { signArtifact } from "@weir/runtime/signing.ts";
import { startProgram } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import { expect, test } from "vitest";
import { startDevice, startFog } from "./tls-fog.ts";

const yaml = (device: number, fog: number) => `
version: 1
site: {id: riverside}
edge: edge-w
uplink: {url: "mqtts://127.0.0.1:${fog}", identity: ./identity}
downlink: {configuration: allow}
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: ${device}, timeout: 500ms}}
devices:
  - {id: W13, connection: plc, tags: {TU01: {read: "holding:1", type: int16, scale: 0.01, min: 0, max: 10, limits: {hardHigh: 4}}, TU02: {read: "holding:2", type: int16, scale: 0.01, min: 0, max: 10}}}
outputs: {pump: {write: "coil plc/1:0", safe: off}}
safety: [{id: TU-HIGH, when: {tag: TU01, above: hardHigh}, then: [{set: pump, to: off}]}]
`;

test("a poll rate and a new tag come down; a limit, and the way to an output, are refused", async () => {
  const folder = tempDir();
  const { fog, port, send, key } = await startFog(`${folder}/identity`);
  writeFileSync(`${folder}/edge.yaml`, yaml(await startDevice(), port));
  const args = ["run", "--config", `${folder}/edge.yaml`, "--data-dir", `${folder}/data`, "--json"];
  const edge = startProgram({ program: "weir-edge", args });
  await edge.waitFor("link", (event) => event["online"] === true);
  const offer = (version: number, text: string) => {
    const nowMs = systemClock().nowMs();
    const manifest = {
      kind: ArtifactKind.EDGE_CONFIGURATION,
      name: "edge-configuration/edge-w",
      version,
      site: "riverside",
      target: "edge-w",
      stage: "",
      mediaType: "application/yaml",
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 3_600_000,
      trainedOn: "",
      metrics: {},
      minAgentVersion: "0.1.0",
    };
    send("model", seal("model", signArtifact(key, manifest, new TextEncoder().encode(text))));
  };
  const answer = async (version: number) => {
    const ref = `edge-configuration/edge-w@${version}`;
    const ack = () => fog.acks.find((one) => one.ref === ref);
    await until(() => ack() !== undefined, `the answer to ${ref}`);
    return ack();
  };
  await until(() => fog.stored >= 4, "readings");

  offer(
    1,
    'version: 1\ndevices: [{id: W13, tags: {TU02: {every: 500ms}, TU03: {read: "holding:3", type: int16}}}]\n',
  );
  expect(await answer(1)).toMatchObject({ accepted: true });
  await until(() => fog.births.at(-1)?.tags.length === 3, "the birth with the new tag");
  expect(fog.births.at(-1)?.tags.map(({ id, periodMs }) => [id, periodMs])).toEqual([
    ["W13/TU01", 1_000],
    ["W13/TU02", 500],
    ["W13/TU03", 1_000],
  ]);

  offer(
    2,
    "version: 1\nconnections: {plc: {timeout: 400ms}}\ndevices: [{id: W13, tags: {TU02: {limits: {hardHigh: 9}}}}]\n",
  );
  expect(await answer(2)).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/limits +unknown; known here: /),
  });
  offer(3, "version: 1\nconnections: {plc: {port: 1}}\n");
  expect(await answer(3)).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/cannot be changed from above: connection plc/),
  });
  const outcomes = () =>
    fog.events.flatMap(({ event }) =>
      event.body.case === "artifact" ? [event.body.value.outcome] : [],
    );
  const { STAGED, ACTIVE, REFUSED } = ArtifactOutcome;
  await until(() => outcomes().length >= 6, "what became of all three");
  expect(outcomes()).toEqual([STAGED, ACTIVE, STAGED, REFUSED, STAGED, REFUSED]);
  expect(await edge.stop()).toBe(0);

  // The next process begins with it.
  const again = startProgram({ program: "weir-edge", args });
  await again.waitFor("link", (event) => event["online"] === true);
  expect(fog.births.at(-1)?.tags).toHaveLength(3);
  expect(await again.stop()).toBe(0);
}, 120_000);
