import { placesIn } from './level-places';
import type { Level } from './pyramid';
import { relaxation } from './relax';

/**
 * Copies each hole pixel from its source and takes the colour steps out, at the rim and where sources meet: the colours
 * whose gradients are the sources' own (Pérez et al., Poisson image editing, 2003), but for steps so large that they
 * must be edges: those count for little, lest sky runs into rock. The equations are solved by successive over-relaxation.
 *
 * Returns [height, width, 3]; pixels outside the hole as given. `pause` is awaited after each iteration.
 */
export async function blendCopies(
  colours: Float32Array,
  level: Level,
  offsets: Int32Array,
  texture: Float32Array,
  pause: () => Promise<void>,
): Promise<Float32Array> {
  // A colour travels the hole's thickness in a few times as many rounds, given this factor.
  const thickness = 2 * Math.max(level.deepest, 1);
  const factor = 2 / (1 + Math.sin(Math.PI / (thickness + 1)));
  const iterations = Math.min(Math.ceil(3 * thickness) + 20, 400);
  const { height, width, hole, barred } = level;
  const { relax, finish } = relaxation({ height, width, colours, hole, barred, places: placesIn(level).hole, offsets, texture }, factor);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const change = relax();
    await pause();
    if (change < SETTLED) break;
  }
  return finish();
}

// The rounds end once none changes a colour (of [-1, 1]) by more: an eightieth of an 8-bit level.
const SETTLED = 1e-4;
