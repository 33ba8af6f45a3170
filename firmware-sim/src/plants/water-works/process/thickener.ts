/**
 * A gravity thickener as a solids balance: dM/dt = Qf·Xf − Qu·Xu(1−δ) − Qo·Xo. With
 * δ the compaction that bulking or septic sludge has lost; the blanket rises for days before the overflow fails.
 */

const areaM2 = 150;
/** kg/m³ in the blanket, so that its height is M/(A·30). */
const blanketKgM3 = 30;
const feedM3D = 600;
const feedKgM3 = 8;
const underflowKgM3 = 55;
export const blanketAtRestM = 1.18;

export class Thickener {
  /** Compaction lost, 0…1. */
  loss = 0;
  massKg = blanketAtRestM * areaM2 * blanketKgM3;

  get blanketM(): number {
    return this.massKg / (areaM2 * blanketKgM3);
  }

  /** m³/d */
  get underflow(): number {
    return Math.min(110, Math.max(0, 80 + 25 * (this.blanketM - 1)));
  }

  /** kg/m³ */
  get underflowSolids(): number {
    return underflowKgM3 * (1 - this.loss);
  }

  /** kg/m³ */
  get overflowSolids(): number {
    return 0.2 + 8 * Math.max(0, this.blanketM - 3);
  }

  get torquePercent(): number {
    return 8 + 0.25 * this.blanketM * this.underflowSolids * (1 + 0.8 * this.loss);
  }

  /** `lossPerDay` is what degradation adds to δ; `feed` the feed relative to its mean. */
  step(options: { lossPerDay: number; feed: number; dtS: number }): void {
    const days = options.dtS / 86_400;
    this.loss = Math.min(0.9, Math.max(0, this.loss + options.lossPerDay * days));
    const arriving = feedM3D * feedKgM3 * options.feed;
    const overflow = Math.max(0, feedM3D * options.feed - this.underflow);
    const change =
      arriving - this.underflow * this.underflowSolids - overflow * this.overflowSolids;
    this.massKg = Math.max(0, this.massKg + change * days);
  }
}
