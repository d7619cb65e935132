// Why no library, such as pure-rand or seedrandom: every seed's picture hangs on these ten lines, and no update may change it.

/** mulberry32: a stream of unsigned 32-bit integers, fast and the same on every machine. */
export function randomIntegers(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** A 32 bit hash (FNV-1a) of the name, mixed with the seed. */
export function seedOf(name: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
