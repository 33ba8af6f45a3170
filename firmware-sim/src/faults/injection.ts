/** One thing done to the plant from outside, as data: what scenarios hold and POST /inject takes. */
import type { ActuatorFailure } from "../actuators/actuator.ts";
import type { StaleMode } from "../devices/gateway-device.ts";
import type { SerialFailure } from "../devices/serial-failures.ts";
import type { SerialLineId } from "../plant-definition/serial-kit.ts";
import type { SensorFaultKind } from "../sensors/sensor-fault.ts";

export type Injection =
  | {
      what: "fault";
      fault: SensorFaultKind;
      /** Stage and tag. */
      sensor: string;
      value: number;
      rampMs: number;
      forMs: number;
    }
  | {
      what: "event";
      event: string;
      stage: string;
      params: Record<string, number>;
      forMs: number;
    }
  /** `dose`: how far an element runs away, mg/L of a dosing pump, share of full fire of a burner; nothing to the other failures. */
  | { what: "actuator"; actuator: string; failure: ActuatorFailure; dose: number; forMs: number }
  | { what: "gateway"; gateway: string; stale: StaleMode; forMs: number }
  /** `device`: unit, SDI-12 address or stage; undefined = all of the line. `delayMs` is real time. */
  | {
      what: "serial";
      line: SerialLineId;
      failure: SerialFailure;
      device: string | undefined;
      share: number;
      delayMs: number;
      forMs: number;
    }
  /** The mains fail for a moment: everything that turns runs out and starts again. */
  | { what: "power-dip"; forMs: number }
  | { what: "storm"; amplitude: number }
  | { what: "calibration"; sensor: string; forMs: number }
  /** Air-cleaning of a probe: it reads `value` high while bubbles pass. */
  | { what: "cleaning"; sensor: string; value: number; forMs: number }
  /** The controlling probe reads low and slow while its loop holds it at the set point. */
  | {
      what: "probe-fouling";
      sensor: string;
      bias: number;
      slow: number;
      rampMs: number;
      forMs: number;
    }
  | { what: "clear"; id: string };
