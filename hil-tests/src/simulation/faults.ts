/** What may go wrong in a simulation, as data. Every field left out means: never. */

/** Outages that come by chance: exponential times, in plant milliseconds. */
export interface Outages {
  everyMsMean: number;
  forMsMean: number;
}

export interface LinkFaults {
  /** Share of the messages that are lost, and the connection with them. */
  loss?: number;
  /** Share of the messages that arrive while their acknowledgement is lost with the connection. */
  ackLoss?: number;
  /** Share of the messages that are acknowledged and thrown away: no promise can hold; it tests the checks. */
  falseAck?: number;
  /** Share of the messages that arrive twice. */
  duplicate?: number;
  /** Mean of an exponential delay, I/O milliseconds. */
  delayMsMean?: number;
  /** The link is cut and comes back. */
  cuts?: Outages;
}

/** `forMsMean`: how long the process stays dead before it is started again. */
export interface PowerFaults {
  edge?: Outages;
  fog?: Outages;
  cloud?: Outages;
}

export interface Faults {
  edgeToFog?: LinkFaults;
  fogToCloud?: LinkFaults;
  /** The cable between an edge and one of its gateways. */
  bus?: { cuts: Outages };
  power?: PowerFaults;
  /** The connection is there and nothing comes through it any more, in either direction. */
  halfOpen?: Outages;
  /** Others fill the disk of an edge's outbox. */
  disk?: Outages;
  clock?: {
    /** An edge's calendar at boot is wrong by up to this, either way, until its next boot. */
    skewMsMax?: number;
    /** It is set wrong by up to `byMsMax`, either way, and set right again. */
    jumps?: Outages & { byMsMax: number };
  };
}

export const noFaults: Faults = {};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Bad enough that a day sees some of everything. */
export const roughFaults: Faults = {
  edgeToFog: {
    loss: 0.002,
    ackLoss: 0.002,
    duplicate: 0.005,
    delayMsMean: 40,
    cuts: { everyMsMean: 10 * hourMs, forMsMean: 40 * minuteMs },
  },
  fogToCloud: {
    loss: 0.01,
    ackLoss: 0.01,
    duplicate: 0.01,
    delayMsMean: 80,
    cuts: { everyMsMean: 16 * hourMs, forMsMean: 3 * hourMs },
  },
  halfOpen: { everyMsMean: 24 * hourMs, forMsMean: 30 * minuteMs },
  disk: { everyMsMean: 36 * hourMs, forMsMean: hourMs },
  clock: { jumps: { everyMsMean: 24 * hourMs, forMsMean: hourMs, byMsMax: 20 * minuteMs } },
  bus: { cuts: { everyMsMean: 30 * hourMs, forMsMean: 10 * minuteMs } },
  power: {
    edge: { everyMsMean: 40 * hourMs, forMsMean: 5 * minuteMs },
    fog: { everyMsMean: 30 * hourMs, forMsMean: 15 * minuteMs },
    cloud: { everyMsMean: 30 * hourMs, forMsMean: 30 * minuteMs },
  },
};
