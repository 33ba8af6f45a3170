/** Memory of the kernel: taken once when a trainer is made, never given back before its end. */

/** `count` zeroed floats, aligned to 64 bytes. */
export function take(count: i32): usize {
  const bytes = (<usize>count) << 2;
  const address = (heap.alloc(bytes + 64) + 63) & ~(<usize>63);
  memory.fill(address, 0, bytes);
  return address;
}

/** Address of float `index` after `base`. */
export function at(base: usize, index: i32): usize {
  return base + ((<usize>index) << 2);
}

export function zero(base: usize, count: i32): void {
  memory.fill(base, 0, (<usize>count) << 2);
}
