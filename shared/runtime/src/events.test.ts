import { expect, test } from "vitest";
import { createReporter } from "./events.ts";

test("JSON for programs, text for people", () => {
  for (const [json, lines] of [
    [
      true,
      ['{"event":"started","text":"fog started in 3 ms","tier":"fog","ms":3}', '{"event":"tick"}'],
    ],
    [false, ["fog started in 3 ms"]],
  ] as const) {
    const out: string[] = [];
    const reporter = createReporter({ json, out: (line) => out.push(line) });
    reporter.event("started", { tier: "fog", ms: 3 }, "fog started in 3 ms");
    reporter.event("tick");
    expect(out).toEqual(lines);
  }
});
