/** Who a device says it is: all parts of its identification (43/14), or its server id (17). */
import { u8 } from "@weir/contracts/elements.ts";
import { identificationPart } from "./identification-answer.ts";
import type { ModbusFault, ModbusReply } from "./reply.ts";
import type { IdentificationLevel, ModbusRequest } from "./request.ts";

/** Sends one request; `settle` is called once. */
export type Ask = (request: ModbusRequest, settle: (reply: ModbusReply) => void) => void;

export type Identification =
  /** Texts by object: 0 vendor, 1 product code, 2 revision, 3 address, 4 product, 5 model, 6 application. */
  { ok: true; conformity: number; objects: ReadonlyMap<number, string> } | Refused;

export interface Refused {
  ok: false;
  fault: ModbusFault;
}

/** Asks until nothing more follows. Ends: each part starts above the objects of the one before. */
export function readIdentification(
  ask: Ask,
  target: { unit: number; level: Exclude<IdentificationLevel, 4> },
  settle: (result: Identification) => void,
): void {
  const objects = new Map<number, string>();
  const askFrom = (object: number) =>
    ask({ fc: 43, ...target, object }, (reply) => {
      if (!reply.ok) {
        settle(reply);
        return;
      }
      const part = identificationPart(reply.bytes, reply.dataAt);
      const first = [...part.objects.keys()][0];
      // A device that does not know the object starts again at the first one, by the specification.
      if (object > 0 && first !== undefined && first < object) {
        const text = `object ${first} answers ${object}`;
        settle({ ok: false, fault: { kind: "framing", text } });
        return;
      }
      for (const [id, text] of part.objects) objects.set(id, text);
      if (part.next !== undefined) {
        askFrom(part.next);
        return;
      }
      settle({ ok: true, conformity: part.conformity, objects });
    });
  askFrom(0);
}

export type ServerId =
  /** What the device sends: its id, a run indicator and text, in a layout of its own. */
  { ok: true; bytes: Uint8Array; text: string } | Refused;

export function readServerId(ask: Ask, unit: number, settle: (result: ServerId) => void): void {
  ask({ fc: 17, unit }, (reply) => {
    if (!reply.ok) {
      settle(reply);
      return;
    }
    const { dataAt } = reply;
    const bytes = reply.bytes.slice(dataAt, dataAt + u8(reply.bytes, dataAt - 1));
    const printable = [...bytes].filter((byte) => byte >= 0x20 && byte < 0x7f);
    settle({ ok: true, bytes, text: String.fromCharCode(...printable).trim() });
  });
}
