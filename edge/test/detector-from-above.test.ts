/** Streaming detectors' parameters from above: within the site's bounds, where the site takes them at all. */
import { expect, test } from "vitest";
import type { EdgeDetector } from "../src/hand-over.ts";
import { ControlRig } from "./control-rig.ts";

const yaml = (downlink: string) => `
version: 1
site: {id: riverside}
edge: edge-d
downlink: {detectors: ${downlink}}
connections: {plc: {type: modbus-tcp, host: plc}}
devices:
  - id: D11
    connection: plc
    tags:
      CL01: {read: "holding:0", type: int16, scale: 0.01, min: 0, max: 10, detect: {stream: {}, bounds: {streamThreshold: {min: 0.7, max: 0.95}}}}
      PH01: {read: "holding:1", type: int16, scale: 0.01, min: 0, max: 14}
`;

const apply = (rig: ControlRig, tags: EdgeDetector["tags"], ref: string) =>
  rig.order({
    kind: "apply-detector",
    ref,
    version: 1,
    detector: { format: "weir-edge-detector-1", tags },
  });

test("within the bounds it is taken, beyond them nothing of it is", () => {
  const rig = new ControlRig(yaml("allow"));
  rig.control.start();
  expect(apply(rig, { "D11/CL01": { threshold: 0.8 } }, "a")).toMatchObject({ accepted: true });
  expect(apply(rig, { "D11/CL01": { threshold: 0.6 } }, "b")).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/outside the site's bounds 0.7 to 0.95/),
  });
  expect(apply(rig, { "D11/PH01": { threshold: 0.8 } }, "c").reason).toMatch(/has no stream rule/);
  expect(apply(rig, { "D99/XX": {} }, "d").reason).toMatch(/there is no tag/);
});

test("a site that takes none refuses them all", () => {
  const rig = new ControlRig(yaml("refuse"));
  rig.control.start();
  expect(apply(rig, { "D11/CL01": { threshold: 0.8 } }, "a")).toMatchObject({
    accepted: false,
    reason: expect.stringMatching(/does not take detectors/),
  });
});
