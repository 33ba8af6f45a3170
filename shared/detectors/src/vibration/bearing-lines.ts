/**
 * Frequencies at which a damaged rolling bearing rattles, from its geometry, as multiples of the shaft's
 * speed: outer ring standing, inner ring turning, no slip.
 *
 * @see Randall & Antoni, "Rolling element bearing diagnostics: a tutorial", Mech. Syst. Signal Process. 25
 * (2011), eqs. 1 to 4. Checked: the 6205 of the CWRU data set, 3.5848 and 5.4152.
 */
export interface BearingGeometry {
  balls: number;
  /** Diameters of a ball and of the circle through the balls' centres, the same unit. */
  ball: number;
  pitch: number;
  /** Contact angle, degrees. */
  angle: number;
}

export interface BearingOrders {
  /** Outer ring, inner ring. */
  bpfo: number;
  bpfi: number;
  /** A ball's spin: a damaged ball hits both rings, so twice this shows as well. */
  bsf: number;
  /** The cage. */
  ftf: number;
}

export function bearingOrders({ balls, ball, pitch, angle }: BearingGeometry): BearingOrders {
  const ratio = (ball / pitch) * Math.cos((angle * Math.PI) / 180);
  return {
    bpfo: (balls / 2) * (1 - ratio),
    bpfi: (balls / 2) * (1 + ratio),
    bsf: (pitch / (2 * ball)) * (1 - ratio * ratio),
    ftf: (1 - ratio) / 2,
  };
}
