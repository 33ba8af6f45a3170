/**
 * By when Weir promises to tell a silence, and its end. Plant time passes as fast as the clock's rate; real time is
 * what sockets, retries and a look once a second take.
 */
export interface Within {
  plantMs: number;
  realMs: number;
}

const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export const promised = {
  /** A page hears a beat of its server every two seconds; after four without one it says so. */
  band: { plantMs: 0, realMs: 5_000 },
  /**
   * The fog hears an edge every second and calls it silent after half a minute, its slower tags after a minute; the
   * way from the edge may add five seconds on a fast calendar, and it looks once a second.
   */
  unheard: { plantMs: minuteMs, realMs: 7_000 },
  /** A page has heard of it a second later, or asks again within three. */
  unheardOnPage: { plantMs: minuteMs, realMs: 10_000 },
  /** An edge gives up on a connection that answers nothing after its time-outs, and says so every ten seconds. */
  connection: { plantMs: minuteMs, realMs: 10_000 },
  /** The fog's curves of an hour have a gap by then. */
  curve: { plantMs: hourMs, realMs: 0 },
  /** An edge waits half a minute for an acknowledgement, and looks every ten seconds. */
  edgeLink: { plantMs: 0, realMs: 41_000 },
  /** A fog waits ten seconds for a receipt of what it pushes every minute. */
  cloudUnheard: { plantMs: 2 * minuteMs, realMs: 12_000 },
  /** A cloud lets a fog wait 25 s for an answer, and ten more until it calls again; a page asks every three. */
  siteUnheard: { plantMs: 0, realMs: 40_000 },
  /** A page tries again every few seconds. */
  bandGone: { plantMs: 0, realMs: 10_000 },
  /** An edge dials again after half a minute at the most; what it has kept comes first. */
  edgeBack: { plantMs: minuteMs, realMs: 45_000 },
  /** A fog tries again after 75 s at the most. */
  cloudBack: { plantMs: minuteMs, realMs: 85_000 },
} as const satisfies Record<string, Within>;

/** Plant milliseconds that `within` amounts to on a clock of `rate`, with what the machine itself adds. */
export const plantMsOf = ({ plantMs, realMs }: Within, rate: number, machineMs = 0): number =>
  plantMs + (realMs + machineMs) * rate;

/** Longer than what is promised, real time: what a machine may add whose slowest answer took so long. */
export const machineMs = (slowestAnswerMs: number): number => 3_000 + 4 * slowestAnswerMs;
