/**
 * pH of water from alkalinity and total inorganic carbon:
 * Alk = CT(α1 + 2α2) + Kw/h − h, solved for h. pH values must never be mixed; these two may.
 */

const k1 = 10 ** -6.35;
const k2 = 10 ** -10.33;
const kw = 1e-14;

/** Change of alkalinity or carbon, meq/L or mmol/L, below which the last pH still holds (to about 0.001). */
const tolerance = 3e-5;

/** Alkalinity in eq/L at a hydrogen concentration, mol/L. */
function alkalinityAt(h: number, ct: number): number {
  const d = h * h + k1 * h + k1 * k2;
  return (ct * (k1 * h + 2 * k1 * k2)) / d + kw / h - h;
}

/** Plain bisection over the whole range: slow and certain. `alk` in meq/L, `ct` in mmol/L. */
export function solvePh(alk: number, ct: number): number {
  let low = 0.5;
  let high = 13.8;
  for (let i = 0; i < 36; i++) {
    const middle = (low + high) / 2;
    if (alkalinityAt(10 ** -middle, ct / 1000) < alk / 1000) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Follows one water: re-solves only when it changed, and starts from the last root. */
export class PhSolver {
  #alk = Number.NaN;
  #ct = Number.NaN;
  #ph = 7;

  of(alk: number, ct: number): number {
    const moved = Math.abs(alk - this.#alk) + Math.abs(ct - this.#ct);
    if (moved < tolerance) return this.#ph;
    this.#ph = moved < 0.05 ? this.#near(alk, ct) : solvePh(alk, ct);
    this.#alk = alk;
    this.#ct = ct;
    return this.#ph;
  }

  /** Regula falsi in a bracket around the last root; the whole range when the root has left it. */
  #near(alk: number, ct: number): number {
    const goal = alk / 1000;
    const carbon = ct / 1000;
    let low = this.#ph - 0.02;
    let high = this.#ph + 0.02;
    let atLow = alkalinityAt(10 ** -low, carbon) - goal;
    let atHigh = alkalinityAt(10 ** -high, carbon) - goal;
    if (atLow > 0 || atHigh < 0) return solvePh(alk, ct);
    for (let i = 0; i < 2; i++) {
      const middle = low - (atLow * (high - low)) / (atHigh - atLow);
      const at = alkalinityAt(10 ** -middle, carbon) - goal;
      if (at < 0) {
        low = middle;
        atLow = at;
      } else {
        high = middle;
        atHigh = at;
      }
      if (high - low < 1e-5) break;
    }
    return low - (atLow * (high - low)) / (atHigh - atLow || 1);
  }
}
