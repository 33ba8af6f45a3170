/** What reading the document by its description leaves: units applied, references still names. */
import type { MachineCategory, Mounting } from "@weir/detectors/vibration/severity.ts";
import type { ByteOrder, ConnectionType, Ne107, ValueType } from "./configuration.ts";
import type { ChecksumName } from "./line-settings.ts";

export interface RawDocument {
  site?: { id?: string; tz?: string };
  edge?: string;
  uplink?: { url?: string; identity?: string };
  sparkplug?: RawBroker & { group?: string; node?: string; primaryHost?: string };
  connections?: Record<string, RawConnection>;
  devices?: (RawDevice | undefined)[];
  outputs?: Record<string, RawOutput>;
  safety?: (RawRule | undefined)[] | RawSafetySource;
  reload?: { watch?: boolean; healthWithin?: number };
  downlink?: { configuration?: "allow" | "refuse"; detectors?: "allow" | "refuse" };
}

export interface RawSafetySource {
  document?: string;
  approval?: string;
  trusted?: (string | undefined)[];
  approvers?: number;
}

export interface RawSafetyDocument {
  edge?: string;
  onBad?: BlindPolicy;
  outputs?: Record<string, RawOutput>;
  safety?: (RawRule | undefined)[];
}

export type BlindPolicy = "trip" | "alarm" | "hold";

export interface RawBroker {
  url?: string;
  username?: string;
  passwordFile?: string;
  identity?: string;
}

export interface RawConnection extends RawBroker {
  format?: "json" | "sparkplug";
  type?: ConnectionType;
  host?: string;
  port?: string;
  baud?: number;
  dataBits?: number;
  parity?: "N" | "E" | "O";
  stop?: number;
  timeout?: number;
  gap?: number;
  retries?: number;
  pauseAfterConnect?: number;
  echo?: boolean;
  turnaround?: number;
  quarantine?: number;
  resync?: boolean;
  maxRegisters?: number;
  maxHole?: number;
  roundTrip?: number;
  delimiter?: string;
  checksum?: ChecksumName;
  maxLine?: number;
  poll?: string;
  every?: number;
  watchdog?: RawWatchdog;
}

export interface RawWatchdog {
  unit?: number;
  heartbeat?: string;
  every?: number;
  timeoutRegister?: string;
  timeout?: number;
  resolution?: number;
}

export interface RawStatus {
  read?: string;
  bits?: Record<string, Ne107>;
  words?: Record<string, "good" | Ne107>;
}

/** Keys of devices that print text. */
export interface RawLineDevice {
  match?: string;
  columns?: number;
  separator?: string;
  decimal?: "." | ",";
  pairs?: boolean;
  width?: number;
  address?: string;
  measure?: string;
}

export interface RawDevice extends RawLineDevice {
  topic?: string;
  id?: string;
  stage?: string;
  asset?: string;
  connection?: string;
  unit?: number;
  profile?: string;
  byteOrder?: ByteOrder;
  maxRegisters?: number;
  maxHole?: number;
  gap?: number;
  status?: RawStatus;
  machine?: RawMachine;
  tags?: Record<string, RawTag>;
}

export interface RawMachine {
  speed?: number;
  speedTag?: string;
  kW?: number;
  mounting?: Mounting;
  category?: MachineCategory;
  bearing?: RawBearing;
  signal?: "velocity" | "acceleration";
  scale?: number;
}

export interface RawBearing {
  balls?: number;
  ball?: number;
  pitch?: number;
  angle?: number;
}

export interface RawProfile extends RawLineDevice {
  byteOrder?: ByteOrder;
  maxRegisters?: number;
  maxHole?: number;
  gap?: number;
  status?: RawStatus;
  tags?: Record<string, RawTag>;
}

export interface RawTag {
  read?: string;
  type?: ValueType;
  byteOrder?: ByteOrder;
  scale?: number;
  offset?: number;
  bit?: number;
  mask?: number;
  map?: Record<string, number>;
  signal?: "direct" | "4-20mA";
  min?: number;
  max?: number;
  unit?: string;
  resolution?: number;
  kind?: string;
  stage?: string;
  every?: number;
  staleAfter?: number;
  policy?: "all" | "thin" | "summary";
  limits?: { hardLow?: number; hardHigh?: number; onDelay?: number; deadband?: number };
  detect?: RawDetect;
}

interface RawBound {
  min?: number;
  max?: number;
}

export interface RawDetect {
  delta?: { max?: number; window?: number };
  z?: { max?: number; sigmaMin?: number; learn?: number };
  stuck?: { after?: number; unlessZero?: string };
  noise?: { ratio?: number };
  spike?: { perDay?: number };
  stream?: { threshold?: number; every?: number };
  boost?: { factor?: number; for?: number };
  bounds?: {
    deltaMax?: RawBound;
    sigmaFloor?: RawBound;
    zMax?: RawBound;
    stuckAfter?: RawBound;
    streamThreshold?: RawBound;
  };
}

export interface RawOutput {
  write?: string;
  safe?: number;
  readBack?: boolean;
  feedback?: { read?: string; within?: number; inverted?: boolean };
  secondary?: string;
}

export interface RawRule {
  id?: string;
  group?: string;
  when?: {
    tag?: string;
    vote?: string;
    tags?: (string | undefined)[];
    onBadChannel?: "trip" | "keep";
    deviation?: number;
    above?: number | "hardhigh" | "hardlow";
    below?: number | "hardhigh" | "hardlow";
    for?: number;
    samples?: number;
    deadband?: number;
    quality?: "good" | "uncertain";
  };
  then?: ({ set?: string; to?: number; afterReset?: number; over?: number } | undefined)[];
  action?: "stop" | "alarm_only" | "boost";
  latch?: boolean;
  onBad?: BlindPolicy;
  badSamples?: number;
  suppressedBy?: (string | undefined)[];
  tripsPerHour?: number;
  proofTest?: { every?: number };
}
