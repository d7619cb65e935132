import { expect, it } from 'vitest';
import { VectorMemory } from '../../src/arrays/vector-memory';

it('once cleared, it has room where arrays lay, and of zeros', () => {
  const memory = VectorMemory.open()!;
  const first = memory.place(Float32Array.of(1, 2, 3));
  memory.place(new Float32Array(100_000).fill(7));
  memory.clear();
  const again = memory.reserve(4 * 100_003);
  expect(again).toBe(first);
  expect(memory.floats(again, 100_003).every((value) => value === 0)).toBe(true);
});
