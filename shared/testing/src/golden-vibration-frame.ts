/**
 * Two frames of the vibration line as bytes, computed by hand with Python's struct and an independent
 * CRC-16/MODBUS: what the simulated sensor must write and the edge must read.
 *
 *     0xA5 0x5A | seq u16 | t_us u32 | n u8 | int16[n][3] | crc u16      little-endian
 *
 * The CRC covers everything between the sync bytes and itself.
 */
export interface GoldenVibrationFrame {
  hex: string;
  seq: number;
  tUs: number;
  samples: readonly number[];
}

/** The second wraps both counters, and its samples look like sync bytes. */
export const goldenVibrationFrames: readonly GoldenVibrationFrame[] = [
  {
    hex: "a55a0100a0860100020100feff0300ff7f00800000d983",
    seq: 1,
    tUs: 100000,
    samples: [1, -2, 3, 32767, -32768, 0],
  },
  {
    hex: "a55affffffffffff01a5a5a55a5a007047",
    seq: 65535,
    tUs: 4294967295,
    samples: [-23131, 23205, 90],
  },
];
