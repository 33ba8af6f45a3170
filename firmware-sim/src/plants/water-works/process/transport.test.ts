import fc from "fast-check";
import { expect, test } from "vitest";
import { PlugFlow } from "./plug-flow.ts";
import { TankChain } from "./tank-chain.ts";
import { CL, NH, water } from "./water.ts";

test("a chain of tanks keeps mass exactly, whatever the flow and the step", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          flow: fc.double({ min: 0, max: 2, noNaN: true }),
          nh: fc.double({ min: 0, max: 100, noNaN: true }),
          dtS: fc.integer({ min: 1, max: 60 }),
        }),
        { minLength: 1, maxLength: 40 },
      ),
      (steps) => {
        const tank = new TankChain([20, 90, 300], water());
        let balance = 0;
        for (const { flow, nh, dtS } of steps) {
          const inflow = water();
          inflow[NH] = nh;
          tank.mix(inflow, flow, dtS);
          balance += flow * dtS * (nh - (tank.out[NH] ?? 0));
        }
        const held = tank.cells.reduce(
          (sum, cell, i) => sum + (cell[NH] ?? 0) * (tank.volumesM3[i] ?? 0),
          0,
        );
        expect(held).toBeCloseTo(balance, 6);
      },
    ),
  );
});

test("a pipe gives back its water after its volume has passed, however the flow varied", () => {
  const pipe = new PlugFlow({ volumeM3: 100, slotCount: 200, initial: water(), nowMs: 0 });
  const slug = water();
  slug[CL] = 1;
  const out = water();
  let passed = 0;
  let seenAt = Number.NaN;
  for (let s = 1; s <= 4_000 && Number.isNaN(seenAt); s++) {
    const flow = 0.05 + 0.04 * Math.sin(s / 200);
    pipe.push(slug, flow, s * 1000);
    passed += flow;
    pipe.read(1, out, s * 1000);
    if ((out[CL] ?? 0) > 0.5) seenAt = passed;
  }
  expect(seenAt).toBeGreaterThan(99);
  expect(seenAt).toBeLessThan(101.5);
});
