/**
 * Readings of the 280 sensors of the plant (45 stages, 1 Hz each) after the sensor model of the
 * design: slow process, white noise and a little 1/f noise, quantised to the display step. Because the
 * generator knows the process, it also tells the entropy that no codec can go below.
 */
import { elementAt, f64 } from "@weir/contracts/elements.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";

export interface SourceTag {
  id: string;
  edge: "edge-w" | "edge-d";
  /** Tags of one poll are sampled at one instant. */
  poll: number;
  resolution: number;
  sampler: Sampler;
}

interface Sampler {
  /** Moves one second on. */
  step(second: number): void;
  /** Undisturbed quantity, and the white noise's standard deviation, in the tag's unit. */
  level: number;
  sigma: number;
}

/** Sensors of each stage: plant table of the design. */
const stages = `W01 pH1 Tu1 Fl1 Lv1 Pr1 Mo3 Sl2|W02 Fl1 Lv1|W03 Tu1 Fl1|W04 pH1 DO1 Fl1 Lv1 Sl1|W05 pH1 Fl1 Lv1
W06 pH1 Tu1 Fl1 Lv1|W07 pH1 Tu1 Fl1 Lv1|W08 pH1 Tu1 Fl1 Lv1|W09 pH1 DO1 Fl1 Sl1|W10 pH1 DO1 Fl1 Sl1
W11 pH1 DO1 Fl1 Sl1|W12 pH1 DO3 Fl1 Pr1 Sl2|W13 pH1 DO3 Fl1 Pr1 Sl2|W14 pH1 DO3 Fl1 Pr1 Sl2
W15 pH1 Tu1 DO2 Fl1 Lv1 Pr2 Sl1|W16 pH1 Tu1 DO2 Fl1 Lv1 Pr2 Sl1|W17 pH1 Tu1 DO1 Fl1 Lv1
W18 pH1 Tu1 DO1 Fl1 Lv1|W19 pH1 Tu1 DO1 Fl1 Lv1|W20 Fl1 Pr1 Mo3 Sl1|W21 pH1 Tu2 Fl1 Lv1 Pr1
W22 Cl3 pH2 Tu2 DO2 Fl1 Sl2|S01 pH1 Tu1 Fl1 Lv1 Mo1 Sl1|S02 pH1 Tu1 Fl1 Lv1 Mo1 Sl1|S03 pH1 Tu1 Fl1 Lv1 Pr1
S04 pH1 Fl1 Lv1 Sl2|S05 pH1 Fl1 Lv1 Sl2|S06 Tu1 Fl1 Mo2 Sl1|S07 pH1 Fl1 Lv1 Sl1|S08 Fl1 Pr1 Sl1
D01 pH1 Tu2 DO2 Fl1 Lv1 Sl3|D02 pH1 DO2 Fl1 Sl1|D03 pH2 Tu1 Fl1|D04 Tu2 Fl1|D05 pH1 Tu2 Fl1 Lv2
D06 Tu2 Fl1 Lv1 Pr1|D07 Tu2 Fl1 Lv1 Pr1|D08 Tu2 Fl1 Lv1 Pr1|D09 Tu2 Fl1 Lv1 Pr1|D10 pH1 Tu2 Fl1 Lv1 Pr2
D11 Cl8 pH3 Tu1 Fl1 Sl1|D12 Cl5 pH2 Tu1 Fl1 Lv2 Sl2|D13 Cl2 pH3 Fl1|D14 Cl2 pH1 Tu1 Fl1 Pr1 Mo2 Sl1
D15 Cl6 pH3 Tu4 Fl1 Lv1 Pr1 Sl1`;

/** Tags read by one block request. */
const tagsPerPoll = 20;

/** Share of the white noise that the 1/f noise has, as standard deviation. */
const flickerShare = 0.3;

/** Ornstein–Uhlenbeck process of unit variance. */
function wander(random: Random, tauSeconds: number): () => number {
  const keep = Math.exp(-1 / tauSeconds);
  const kick = Math.sqrt(1 - keep * keep);
  let state = random.gaussian();
  return () => {
    state = keep * state + kick * random.gaussian();
    return state;
  };
}

interface Shape {
  resolution: number;
  base: number;
  /** Slow movement: standard deviation and time constant. */
  spread: number;
  tauSeconds: number;
  sigma: (level: number) => number;
}

function sampler(shape: Shape, random: Random): Sampler {
  const slow = wander(random, shape.tauSeconds);
  const flicker = [wander(random, 10), wander(random, 100), wander(random, 1000)];
  const made: Sampler = {
    level: shape.base,
    sigma: shape.sigma(shape.base),
    step() {
      const process = shape.base + shape.spread * slow();
      made.sigma = shape.sigma(process);
      let noise = 0;
      for (const part of flicker) noise += part();
      made.level = process + (noise / Math.sqrt(3)) * flickerShare * made.sigma;
    },
  };
  return made;
}

/** Wet well: two pumps between 1.2 and 2.2 m. */
function sawtooth(random: Random): Sampler {
  let level = 1.2 + random.uniform();
  let direction = 1;
  const rate = 0.0012 + 0.001 * random.uniform();
  const made: Sampler = {
    level,
    sigma: 0.002,
    step() {
      level += direction * rate * (1 + 0.05 * random.gaussian());
      if (level > 2.2) direction = -1.3;
      if (level < 1.2) direction = 1;
      made.level = level;
    },
  };
  return made;
}

function shapeOf(kind: string, stage: string, number: number, random: Random): Shape {
  const line = stage[0];
  const vary = (x: number, by: number) => x * (1 + by * (2 * random.uniform() - 1));
  const constant = (sigma: number) => () => sigma;
  switch (kind) {
    case "Cl":
      return {
        resolution: 0.01,
        base: vary(line === "W" ? 0.6 : 1.1, 0.15),
        spread: 0.011,
        tauSeconds: 300,
        sigma: constant(0.006),
      };
    case "pH":
      return {
        resolution: 0.01,
        base: vary(line === "D" ? 7.7 : 7.2, 0.03),
        spread: 0.05,
        tauSeconds: 3600,
        sigma: constant(0.008),
      };
    case "Tu": {
      const filtered = stage >= "D06" && line === "D";
      const base =
        line === "D"
          ? filtered
            ? 0.08
            : stage === "D05"
              ? 1.1
              : 6
          : stage >= "W15" && line === "W"
            ? 12
            : 200;
      return {
        resolution: base > 100 ? 0.1 : 0.01,
        base: vary(base, 0.2),
        spread: 0.05 * base,
        tauSeconds: 1800,
        sigma: (x) => Math.max(0.003, 0.02 * x),
      };
    }
    case "DO":
      return {
        resolution: 0.01,
        base:
          line === "D"
            ? vary(9, 0.05)
            : ["W09", "W10", "W11"].includes(stage)
              ? 0.8
              : vary(2, 0.02),
        spread: 0.12,
        tauSeconds: 240,
        sigma: constant(0.03),
      };
    case "Fl": {
      const base =
        line === "S" ? vary(8, 0.5) : /W0[678]|W1[234789]|D0[6789]/.test(stage) ? 71 : 213;
      return {
        resolution: 0.1,
        base: vary(base, 0.03),
        spread: 0.03 * base,
        tauSeconds: 1800,
        sigma: (x) => 0.005 * x,
      };
    }
    case "Lv":
      return {
        resolution: 0.001,
        base: vary(3, 0.4),
        spread: 0.05,
        tauSeconds: 1800,
        sigma: constant(0.002),
      };
    case "Pr":
      return {
        resolution: 0.1,
        base: vary(58, 0.5),
        spread: 0.8,
        tauSeconds: 600,
        sigma: constant(0.1),
      };
    case "Mo":
      return number % 3 === 0
        ? {
            resolution: 0.01,
            base: vary(1, 0.3),
            spread: 0.03,
            tauSeconds: 600,
            sigma: constant(0.02),
          }
        : {
            resolution: 0.1,
            base: vary(number % 3 === 1 ? 62 : 38, 0.1),
            spread: 0.5,
            tauSeconds: 900,
            sigma: constant(0.1),
          };
    default:
      return number % 3 === 0
        ? { resolution: 1, base: vary(245, 0.1), spread: 4, tauSeconds: 3600, sigma: constant(1) }
        : {
            resolution: 0.1,
            base: vary(number % 3 === 1 ? 30 : 8, 0.3),
            spread: 0.4,
            tauSeconds: 3600,
            sigma: constant(0.1),
          };
  }
}

/** The 280 tags in the order of their registers. */
export function plantTags(seed: number): SourceTag[] {
  const tags: SourceTag[] = [];
  let slow = 0;
  const perEdge = { "edge-w": 0, "edge-d": 0 };
  for (const entry of stages.split(/[|\n]/)) {
    const [stage, ...sensors] = entry.trim().split(" ") as [string, ...string[]];
    const edge = stage.startsWith("D") ? "edge-d" : "edge-w";
    for (const sensor of sensors) {
      const kind = sensor.slice(0, 2);
      for (let n = 1; n <= Number(sensor.slice(2)); n++) {
        const id = `${stage}/${kind.toUpperCase()}0${n}`;
        const random = seeded(seed, id);
        const number = kind === "Sl" || kind === "Mo" ? slow++ : n;
        const shape = shapeOf(kind, stage, number, random);
        const well = kind === "Lv" && ["W01", "S07", "D12"].includes(stage);
        const poll = Math.floor(perEdge[edge]++ / tagsPerPoll) + (edge === "edge-d" ? 100 : 0);
        tags.push({
          id,
          edge,
          poll,
          resolution: shape.resolution,
          sampler: well ? sawtooth(random) : sampler(shape, random),
        });
      }
    }
  }
  return tags;
}

export interface Recording {
  tags: SourceTag[];
  seconds: number;
  /** Of tag t in second s, at [t × seconds + s]. */
  timesMs: Float64Array;
  values: Float64Array;
  /** Of each tag, sum of −log2 of its readings' probabilities given the undisturbed quantity. */
  entropyBits: Float64Array;
}

/** `seconds` of the whole plant, each tag at 1 Hz; polls stagger and jitter by milliseconds. */
export function record(seed: number, seconds: number): Recording {
  const tags = plantTags(seed);
  const timesMs = new Float64Array(tags.length * seconds);
  const values = new Float64Array(tags.length * seconds);
  const startMs = Date.UTC(2026, 5, 2, 5);
  const entropyBits = new Float64Array(tags.length);
  const noise = tags.map((tag) => seeded(seed, `${tag.id}/noise`));
  const clocks = new Map<number, Random>();
  for (let s = 0; s < seconds; s++) {
    const instants = new Map<number, number>();
    for (const [t, tag] of tags.entries()) {
      const at = t * seconds + s;
      tag.sampler.step(s);
      const { level, sigma } = tag.sampler;
      const steps = Math.round((level + sigma * elementAt(noise, t).gaussian()) / tag.resolution);
      const z = (x: number) => (x * tag.resolution - level) / sigma;
      entropyBits[t] =
        f64(entropyBits, t) -
        Math.log2(Math.max(1e-12, normal(z(steps + 0.5)) - normal(z(steps - 0.5))));
      values[at] = steps / Math.round(1 / tag.resolution);
      let instant = instants.get(tag.poll);
      if (instant === undefined) {
        const clock = clocks.get(tag.poll) ?? seeded(seed, `poll ${tag.poll}`);
        clocks.set(tag.poll, clock);
        instant =
          startMs +
          s * 1000 +
          (tag.poll % 100) * 35 +
          12 +
          Math.round(1.5 * Math.abs(clock.gaussian()));
        instants.set(tag.poll, instant);
      }
      timesMs[at] = instant;
    }
  }
  return { tags, seconds, timesMs, values, entropyBits };
}

/** Standard normal distribution function: Abramowitz and Stegun 7.1.26 is too coarse, so erfc by continued fraction and series. */
function normal(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  let upper: number;
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 80; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    upper = 0.5 - sum / Math.sqrt(Math.PI);
  } else {
    let fraction = x;
    for (let n = 40; n >= 1; n--) fraction = x + n / 2 / fraction;
    upper = Math.exp(-x * x) / (2 * fraction * Math.sqrt(Math.PI));
  }
  return z > 0 ? 1 - upper : upper;
}
