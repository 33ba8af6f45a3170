/** Adam over all parameters at once. Kingma & Ba 2014. */
import { flush4 } from "./activation";
import { at } from "./arena";

export function squaredNorm(gradient: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  for (let i: i32 = 0; i < count; i += 4) {
    const g = v128.load(at(gradient, i));
    const first = f64x2.promote_low_f32x4(g);
    const second = f64x2.promote_low_f32x4(v128.shuffle<i32>(g, g, 2, 3, 0, 1));
    low = f64x2.add(low, f64x2.add(f64x2.mul(first, first), f64x2.mul(second, second)));
  }
  return f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1);
}

export class AdamStep {
  learningRate: f32;
  beta1: f32;
  beta2: f32;
  epsilon: f32;
  /** 1 − beta^step */
  correction1: f32;
  correction2: f32;
  /** Factor on the gradient. */
  shorten: f32;
}

export function adam(
  params: usize,
  gradient: usize,
  first: usize,
  second: usize,
  count: i32,
  step: AdamStep,
): void {
  const beta1 = f32x4.splat(step.beta1);
  const beta2 = f32x4.splat(step.beta2);
  const rest1 = f32x4.splat(1 - step.beta1);
  const rest2 = f32x4.splat(1 - step.beta2);
  const scale1 = f32x4.splat(1 / step.correction1);
  const scale2 = f32x4.splat(1 / step.correction2);
  for (let i: i32 = 0; i < count; i += 4) {
    const g = f32x4.mul(v128.load(at(gradient, i)), f32x4.splat(step.shorten));
    const m = f32x4.add(f32x4.mul(beta1, v128.load(at(first, i))), f32x4.mul(rest1, g));
    const v = f32x4.add(
      f32x4.mul(beta2, v128.load(at(second, i))),
      f32x4.mul(rest2, f32x4.mul(g, g)),
    );
    v128.store(at(first, i), flush4(m));
    v128.store(at(second, i), flush4(v));
    const root = f32x4.add(f32x4.sqrt(f32x4.mul(v, scale2)), f32x4.splat(step.epsilon));
    const move = f32x4.mul(f32x4.splat(step.learningRate), f32x4.div(f32x4.mul(m, scale1), root));
    v128.store(at(params, i), f32x4.sub(v128.load(at(params, i)), move));
  }
}
