import { expect, it } from 'vitest';
import { VectorMemory } from '../../src/arrays/vector-memory';

const open = (...blocks: number[]) => VectorMemory.open(...blocks)!;

it('once cleared, it has room where arrays lay, and of zeros', () => {
  const memory = VectorMemory.open()!;
  const first = memory.place(Float32Array.of(1, 2, 3));
  memory.place(new Float32Array(100_000).fill(7));
  memory.clear();
  const again = memory.reserve(4 * 100_003);
  expect(again).toBe(first);
  expect(memory.floats(again, 100_003).every((value) => value === 0)).toBe(true);
});

it('a memory that is closed goes to the next who opens one, and its room is of zeros again', () => {
  const first = open(1000);
  const address = first.place(Float32Array.from({ length: 250 }, (_, i) => i + 1));
  expect(first.floats(address, 250)[249]).toBe(250);
  first.close();

  // Larger than before: the memory grows, and what lies behind is zeros too.
  const second = open(100_000);
  expect(second).toBe(first);
  expect(second.bytes(second.reserve(100_000), 100_000).every((byte) => byte === 0)).toBe(true);
  second.close();
});

it('a memory that is in use is nobody else’s', () => {
  const first = open(16);
  const second = open(16);
  expect(second).not.toBe(first);
  const at = first.place(Int32Array.of(1, 2, 3));
  second.place(Int32Array.of(4, 5, 6));
  expect([...first.integers(at, 3)]).toEqual([1, 2, 3]);
  second.close();
});

it('a large memory is not kept', () => {
  const large = open(33 * 2 ** 20);
  large.close();
  expect(open(16)).not.toBe(large);
});
