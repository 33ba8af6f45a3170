/** Outputs wired to inputs: switched from outside the agent, how long until the input follows. */
import { parsePlace } from "@weir/edge/configuration/place.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { DirectMaster, type Wired } from "../rigs/direct-master.ts";
import { connectionOf } from "../rigs/edge-variant.ts";
import { spreadOf } from "../rigs/statistics.ts";
import { check, type Distribution, info, ms, type ResultRow, type Suite } from "./suite.ts";
import { switchables } from "./switchable.ts";

export const loopback: Suite = {
  id: "loopback",
  title: "Loopbacks",
  about: "An output is switched, and the input wired to it must follow.",
  unfit: ({ rig }) => (rig.loopbacks.length === 0 ? "the rig names none" : undefined),
  run: async ({ rig, configuration, options }) => {
    const rows: ResultRow[] = [];
    const distributions: Distribution[] = [];
    const clock = systemClock();
    for (const { output: name, input, within } of rig.loopbacks) {
      const [at] = rig.outputs.includes(name) ? switchables(configuration, [name]).known : [];
      const wired = inputOf(input);
      if (at === undefined || wired === undefined || connectionOf(input) !== at.connection.id) {
        rows.push(
          info(name, `left alone: ${input} is not on its connection, or it may not be switched`),
        );
        continue;
      }
      const master = await DirectMaster.open(at.connection);
      const samples: number[] = [];
      try {
        const [before = 0] = await master.read(at.output);
        for (let i = 0; i < 2 * options.repeatCount; i++) {
          const value = (before + i + 1) % 2;
          const beganMs = clock.monotonicMs();
          await master.write(at.output, value);
          let seen = (await master.read(wired))[0];
          while (seen !== value && clock.monotonicMs() - beganMs <= within) {
            seen = (await master.read(wired))[0];
          }
          samples.push(seen === value ? clock.monotonicMs() - beganMs : Number.NaN);
        }
      } finally {
        await master.close();
      }
      const ok = samples.every((sample) => sample <= within);
      const measured = ok ? ms(spreadOf(samples).highest) : "did not follow";
      rows.push(check(`${name} to ${input}, at most`, { measured, asked: ms(within), ok }));
      distributions.push({ name: `${name} to ${input}`, unit: "ms", samples, marks: [] });
    }
    return { rows, distributions };
  },
};

/** "discrete bus/40:0" */
function inputOf(text: string): Wired | undefined {
  const parts = /^(\w+) [^/]+\/(\d+)([: ]\d+)$/.exec(text);
  const place = parts && parsePlace(`${parts[1]}${parts[3]}`);
  return place?.ok ? { unit: Number(parts?.[2]), place: place.place } : undefined;
}
