/**
 * An edge's configuration as the agent uses it: every reference resolved to an index, every default
 * filled in. `load-configuration.ts` makes it from the YAML a person writes.
 */
import type { LineLayout, LineSettings, Sdi12Device } from "./line-settings.ts";
import type { MachineSettings } from "./machine-settings.ts";

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
  /** The edge as a Sparkplug B edge node. */
  sparkplug: SparkplugSettings | undefined;
  connections: ConnectionSettings[];
  devices: DeviceSettings[];
  tags: TagSettings[];
  outputs: OutputSettings[];
  rules: RuleSettings[];
  approval: ApprovalSettings;
  reload: ReloadSettings;
  downlink: DownlinkSettings;
  /** SHA-256 of the configuration's text and of its profiles', hexadecimal. */
  sha256: string;
}

export interface ReloadSettings {
  /** Apply the file when it changes on disk. */
  watch: boolean;
  /** Devices that were read must be read again within this time, or the change is taken back. */
  healthWithinMs: number;
}

/** What may be changed from above; hard limits, outputs and safety rules never are. */
export interface DownlinkSettings {
  configuration: "allow" | "refuse";
  detectors: "allow" | "refuse";
}

/** Protocols that an edge speaks to its devices. */
export const connectionTypes = [
  "modbus-tcp",
  "modbus-rtu",
  "frames",
  "mqtt",
  "line",
  "sdi12",
] as const;
export type ConnectionType = (typeof connectionTypes)[number];

/** Has coils and registers: outputs may be there, and a watchdog. */
export const isModbus = (type: ConnectionType): boolean => type.startsWith("modbus-");

/** Where the bytes of a connection come from. */
export type PortSettings =
  | { kind: "tcp"; host: string; port: number }
  | ({ kind: "serial" } & SerialSettings)
  | { kind: "broker"; url: string };

/** None, even, odd. */
export const parities = ["N", "E", "O"] as const;

export interface SerialSettings {
  /** "/dev/serial/by-id/usb-…": the same adapter whichever socket it is plugged into. */
  path: string;
  baud: number;
  dataBits: 7 | 8;
  parity: (typeof parities)[number];
  stopBits: 1 | 2;
}

/** As in "10.0.8.11:502" or "/dev/serial/by-id/usb-… 19200 8E1". */
export function portText(port: PortSettings): string {
  switch (port.kind) {
    case "tcp":
      return `${port.host}:${port.port}`;
    case "serial":
      return `${port.path} ${port.baud} ${port.dataBits}${port.parity}${port.stopBits}`;
    case "broker":
      return port.url;
  }
}

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
  /** Expected time of one request and its answer, for the budget; worked out where `rtu` has a baud rate. */
  roundTripMs: number;
  /** How many times more a read is sent that was not answered. */
  retries: number;
  /** Quiet time after a connection came up; some devices lose what comes at once. */
  pauseAfterConnectMs: number;
  /** What a serial Modbus line needs; undefined on other connections. */
  rtu: RtuSettings | undefined;
  /** What a connection of text lines needs; undefined on others. */
  line: LineSettings | undefined;
  /** Devices that publish to a broker; undefined on other connections. */
  inbox: { broker: BrokerSettings; format: "json" | "sparkplug" } | undefined;
  watchdog: WatchdogSettings | undefined;
}

export interface RtuSettings {
  /** For the times of bytes on the line; undefined where it is not known: behind a device server. */
  baud: number | undefined;
  /** The line returns what is sent. */
  echo: boolean;
  /** Longest usual time between a request's last byte and its answer's first. */
  turnaroundMs: number;
  /** Quiet time after a request that was not answered: a late answer falls into it. */
  quarantineMs: number;
  /** Ask a question that nothing else can answer (function 8) before a unit is believed again. */
  resync: boolean;
}

/** A broker of the site, and who we are to it; paths are absolute. */
export interface BrokerSettings {
  url: string;
  username: string | undefined;
  passwordFile: string | undefined;
  /** Folder with ca.pem, cert.pem, key.pem. */
  identity: string | undefined;
}

export interface SparkplugSettings {
  broker: BrokerSettings;
  group: string;
  node: string;
  /** Host whose STATE is waited for; undefined: anybody may listen. */
  primaryHost: string | undefined;
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
  /** How its text lines are taken apart, on a connection of type line. */
  line: LineLayout | undefined;
  sdi12: Sdi12Device | undefined;
  /** Topic filter of what it publishes, or its Sparkplug id; on a connection of type mqtt. */
  topic: string | undefined;
  /** The machine that a vibration sensor sits on. */
  machine: MachineSettings | undefined;
  /** Where this device needs other figures than its connection. */
  maxRegisters: number | undefined;
  maxHole: number | undefined;
  gapMs: number | undefined;
}

export interface StatusSettings {
  /** The register, on a register bus. */
  place: Place | undefined;
  /** Name or number of the status in a line, where there are no registers. */
  field: string | undefined;
  /** Status word that each word of a line stands for; undefined: the field is a number. */
  words: ReadonlyMap<string, number> | undefined;
  /** Meaning of each bit number. */
  bits: ReadonlyMap<number, Ne107>;
}

export interface TagSettings {
  /** Position in the tag table, dense from 0. */
  index: number;
  /** "<device>/<name>" */
  id: string;
  device: number;
  name: string;
  stage: string;
  /** As the configuration gives it; "other" where it gives none. */
  kind: string;
  /** What people call what it measures, "free chlorine"; its id where nobody knows. */
  quantity: string;
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
  /** Streaming detector: score from which it alerts, and the span of the means it is fed with. */
  stream: { threshold: number; everyMs: number } | undefined;
  /** A suspicious tag is read so many times as often, for so long after the last suspicion. */
  boost: { factor: number; forMs: number } | undefined;
  /** What a thresholds artifact may set; a value outside is refused. */
  bounds: {
    deltaMax: Range;
    sigmaFloor: Range;
    zMax: Range;
    stuckAfterMs: Range;
    streamThreshold: Range;
  };
}

export type Range = readonly [low: number, high: number];

/** A coil's value as people say it. */
export const levelText = ({ place }: Pick<OutputSettings, "place">, value: number): string =>
  place.table === "coil" ? (value === 0 ? "off" : "on") : String(value);

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

/** Who stands for outputs and rules. */
export interface ApprovalSettings {
  isApproved: boolean;
  /** Of the document's text, hexadecimal; empty when the rules stand in the configuration itself. */
  documentSha256: string;
  /** Names, joined with commas. */
  by: string;
  /** UTC of the newest approval; 0: none. */
  atMs: number;
}

export interface RuleSettings {
  index: number;
  id: string;
  group: string;
  /** The tag of the cause; of a vote, its first channel. */
  tag: number;
  vote: VoteSettings;
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
  then: EffectSettings[];
  /** Rules that, while latched, keep this one from tripping. */
  suppressedBy: number[];
  /** Further resets are refused until fewer trips than this lie within the last hour. */
  tripsPerHourMax: number;
  /** Time between two proof tests; undefined: none is asked for. */
  proofTestEveryMs: number | undefined;
}

export interface VoteSettings {
  /** Tags of the channels; one where nothing is voted. */
  tags: readonly number[];
  /** Channels that must be beyond the limit. */
  needed: number;
  /** A channel that cannot be measured votes for the trip, or is left out. */
  onBadChannel: "trip" | "keep";
  /** A channel that differs from the others by more than this share of its range is told. */
  deviation: number;
}

export interface EffectSettings {
  output: number;
  value: number;
  afterReset: number | undefined;
  /** Time to get to the value in small steps; 0: at once. */
  overMs: number;
}
