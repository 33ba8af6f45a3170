/** How long bytes take on a serial line, by arithmetic. */
import { answerSize, type ModbusRequest, pduSizeMax } from "./request.ts";
import { rtuFrameSize } from "./rtu-frame.ts";

/** MODBUS over Serial Line V1.02, 2.5.1: one start bit, 8 data bits, parity and stop, or two stops. */
const bitsPerByte = 11;

/** Milliseconds that one byte takes. */
export const byteMs = (baud: number): number => (bitsPerByte * 1_000) / baud;

/**
 * Silence that ends a frame. MODBUS over Serial Line V1.02, 2.5.1.1: 3.5 character times; above
 * 19 200 baud 1.75 ms, because the computed gap becomes shorter than a timer can keep.
 */
export const frameGapMs = (baud: number): number => (baud > 19_200 ? 1.75 : 3.5 * byteMs(baud));

/** Bytes on the line for `request` and its answer, the frames' ends included. */
export function exchangeBytes(request: ModbusRequest): { asked: number; answered: number } {
  return {
    asked: rtuFrameSize(requestSize(request)),
    answered: rtuFrameSize(answerSize(request) ?? pduSizeMax),
  };
}

/** Size of the PDU of `request`, bytes. */
function requestSize(request: ModbusRequest): number {
  switch (request.fc) {
    case 15:
      return 6 + Math.ceil(request.values.length / 8);
    case 16:
      return 6 + 2 * request.values.length;
    case 17:
      return 1;
    case 22:
      return 7;
    case 23:
      return 10 + 2 * request.values.length;
    case 43:
      return 4;
    default:
      return 5;
  }
}

/**
 * Time of the line that `request` takes: its bytes, the answer's, the silence after each, and the
 * device's own time in between.
 */
export function exchangeMs(
  request: ModbusRequest,
  line: { baud: number; turnaroundMs: number },
): number {
  const { asked, answered } = exchangeBytes(request);
  return (asked + answered) * byteMs(line.baud) + 2 * frameGapMs(line.baud) + line.turnaroundMs;
}
