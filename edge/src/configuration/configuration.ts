/**
 * An edge's configuration as the agent uses it: every reference resolved to an index, every default
 * filled in. `load-configuration.ts` makes it from the YAML a person writes.
 */

export const tables = ["coil", "discrete", "input", "holding"] as const;
export type Table = (typeof tables)[number];

export const valueTypes = [
  "bool",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "float32",
  "float64",
] as const;
export type ValueType = (typeof valueTypes)[number];

/** Where the bytes A (most significant) to D of a value lie on the wire, first to last. */
export const byteOrders = ["ABCD", "CDAB", "BADC", "DCBA"] as const;
export type ByteOrder = (typeof byteOrders)[number];

/** Registers (or bits, in the bit tables) that a value of each type takes. */
export const widthOf: Record<ValueType, number> = {
  bool: 1,
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  float32: 2,
  float64: 4,
};

/** What the device says of itself by NAMUR NE 107. */
export const ne107 = [
  "failure",
  "function_check",
  "out_of_specification",
  "maintenance_required",
] as const;
export type Ne107 = (typeof ne107)[number];

/** A place on one device: `address` counts from 0, as the protocol does. */
export interface Place {
  table: Table;
  address: number;
}

export interface Configuration {
  file: string;
  site: { id: string; tz: string };
  edge: string;
  uplink: { url: string; identity: string } | undefined;
  connections: ConnectionSettings[];
  devices: DeviceSettings[];
  tags: TagSettings[];
  outputs: OutputSettings[];
  rules: RuleSettings[];
  /** SHA-256 of the configuration's text and of its profiles', hexadecimal. */
  sha256: string;
}

/** Protocols that an edge speaks to its devices. */
export const connectionTypes = ["modbus-tcp"] as const;
export type ConnectionType = (typeof connectionTypes)[number];

/** Where the bytes of a connection come from. */
export type PortSettings = { kind: "tcp"; host: string; port: number };

/** As in "10.0.8.11:502" or "/dev/serial/by-id/usb-… 19200 8E1". */
export const portText = (port: PortSettings): string => `${port.host}:${port.port}`;

export interface ConnectionSettings {
  index: number;
  id: string;
  type: ConnectionType;
  port: PortSettings;
  timeoutMs: number;
  /** Quiet time between two requests. */
  gapMs: number;
  /** Largest count of registers asked for in one request. */
  maxRegisters: number;
  /** Unused registers between two tags that one request may span. */
  maxHole: number;
  /** Expected time of one request and its answer, for the budget. */
  roundTripMs: number;
  watchdog: WatchdogSettings | undefined;
}

export interface WatchdogSettings {
  unit: number;
  heartbeat: number;
  everyMs: number;
  timeoutRegister: number | undefined;
  timeoutMs: number;
  /** What the module counts its timeout in. */
  resolutionMs: number;
}

export interface DeviceSettings {
  index: number;
  id: string;
  stage: string;
  connection: number;
  unit: number;
  status: StatusSettings | undefined;
}

export interface StatusSettings {
  place: Place;
  /** Meaning of each bit number. */
  bits: ReadonlyMap<number, Ne107>;
}

export interface TagSettings {
  /** Position in the tag table, dense from 0. */
  index: number;
  /** "D11/CL01" */
  id: string;
  device: number;
  name: string;
  stage: string;
  kind: string;
  unit: string;
  assetPath: string;
  /** The register, on a register bus. */
  place: Place | undefined;
  /** Name or number of the value in a line or frame, where there are no registers. */
  field: string | undefined;
  type: ValueType;
  byteOrder: ByteOrder;
  scale: number;
  offset: number;
  /** Bits of a register that hold the value; shifted down to the lowest. */
  mask: number | undefined;
  map: ReadonlyMap<number, number> | undefined;
  signal: "direct" | "4-20mA";
  min: number;
  max: number;
  resolution: number;
  periodMs: number;
  staleAfterMs: number;
  policy: "all" | "thin" | "summary";
  limits: LimitSettings;
  detect: DetectSettings;
}

export interface LimitSettings {
  hardLow: number | undefined;
  hardHigh: number | undefined;
  onDelayMs: number;
  deadband: number;
}

export interface DetectSettings {
  delta: { max: number; windowMs: number } | undefined;
  z: { max: number; sigmaMin: number; learnMs: number } | undefined;
  /** `afterMs` undefined: learned from the usual time between changes. */
  stuck: { afterMs: number | undefined; unlessZero: number | undefined } | undefined;
  noise: { ratio: number } | undefined;
  spike: { perDay: number } | undefined;
  /** What a thresholds artifact may set; a value outside is refused. */
  bounds: {
    deltaMax: Range;
    sigmaFloor: Range;
    zMax: Range;
    stuckAfterMs: Range;
  };
}

export type Range = readonly [low: number, high: number];

export interface OutputSettings {
  index: number;
  id: string;
  connection: number;
  unit: number;
  place: Place & { table: "coil" | "holding" };
  safe: number;
  /** Read the written coil or register again at once. */
  readBack: boolean;
  feedback: FeedbackSettings | undefined;
  /** Written when this output does not follow. */
  secondary: number | undefined;
}

export interface FeedbackSettings {
  connection: number;
  unit: number;
  place: Place;
  withinMs: number;
  /** Value expected when 1 was written and when 0 was; registers: equal to the written value. */
  inverted: boolean;
}

export interface RuleSettings {
  index: number;
  id: string;
  group: string;
  tag: number;
  direction: "above" | "below";
  limit: number;
  onDelayMs: number;
  samplesMin: number;
  deadband: number;
  /** Worst quality that counts as a measurement. */
  quality: "good" | "uncertain";
  onBad: "trip" | "alarm" | "hold";
  badSamplesMin: number;
  action: "stop" | "alarm_only" | "boost";
  then: { output: number; value: number; afterReset: number | undefined }[];
  /** Rules that, while latched, keep this one from tripping. */
  suppressedBy: number[];
  /** Further resets are refused until fewer trips than this lie within the last hour. */
  tripsPerHourMax: number;
}
