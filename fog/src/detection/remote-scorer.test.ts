import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { type Remote, remoteScorer } from "./remote-scorer.ts";
import type { ScorerAnswer, ScorerCall } from "./scorer-entry.ts";

/** Each start makes another end, which is silent until it is told to answer. */
function rig() {
  const clock = new SimulatedClock(0);
  const ends: { calls: ScorerCall[]; ended: boolean; answer: (a: ScorerAnswer) => void }[] = [];
  const deaths: string[] = [];
  const start = (): Remote => {
    const made = { calls: [] as ScorerCall[], ended: false, answer: (_: ScorerAnswer) => {} };
    let onEnd = (_reason: string) => {};
    ends.push(made);
    return {
      send: (call) => void made.calls.push(call),
      onAnswer: (take) => {
        made.answer = take;
      },
      onEnd: (take) => {
        onEnd = take;
      },
      end: async () => {
        made.ended = true;
        onEnd("the thread ended with code 1");
      },
    };
  };
  const onEnd = (reason: string) => deaths.push(reason);
  return { clock, ends, deaths, scorer: remoteScorer({ seed: 1, onEnd, ioClock: clock }, start) };
}

test("a scorer that hangs is ended, its calls are told so, and the next call starts another", async () => {
  const { clock, ends, deaths, scorer } = rig();
  const hanging = scorer.score([]);
  const failed = expect(hanging).rejects.toThrow('no answer to "score" within 60 s');
  await clock.advance(60_000);
  await failed;
  expect(ends[0]?.ended).toBe(true);
  expect(deaths).toEqual(['no answer to "score" within 60 s']);
  const next = scorer.score([]);
  ends[1]?.answer({ number: ends[1].calls[0]?.number ?? 0, value: [] });
  expect(await next).toEqual([]);
  await clock.advance(120_000);
  expect(deaths).toHaveLength(1);
});

test("learning may take its time", async () => {
  const { clock, ends, deaths, scorer } = rig();
  const learning = scorer.train({} as Parameters<typeof scorer.train>[0]);
  await clock.advance(3_600_000);
  ends[0]?.answer({ number: 1, value: { ok: false, reason: "too little" } });
  expect(await learning).toEqual({ ok: false, reason: "too little" });
  expect(deaths).toEqual([]);
});
