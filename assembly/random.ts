let state: u32 = 0;

/** Starts the stream anew: one for the whole module. */
export function seed(value: u32): void {
  state = value;
}

/** mulberry32, as src/arrays/random.ts has it: the same numbers for the same seed. */
export function random(): u32 {
  state += 0x6d2b79f5;
  let t = (state ^ (state >>> 15)) * (1 | state);
  t = (t + (t ^ (t >>> 7)) * (61 | t)) ^ t;
  return t ^ (t >>> 14);
}
