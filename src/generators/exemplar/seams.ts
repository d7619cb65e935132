import { NEIGHBOURS } from './equations';
import { placesIn } from './level-places';
import { CHANNELS, type Level } from './pyramid';

// How much it counts that a pixel is copied in another colour than was voted for, beside what copies differ by at a seam.
const VOTED = 0.03;
// What a seam costs besides for each pixel that it is long, so that there is none where nothing is won.
const LENGTH = 0.01;
// What copies count as differing by where neither shows what is beyond the seam.
const UNSEEN = 0.5;
// After so many rounds one of a thousand pixels of a hole still moves.
const ROUNDS = 6;

/**
 * Moves the seams between copies to where these agree: round by round, each pixel of the hole is copied from where a neighbour's source goes on, if that is
 * more like what was voted for and like what the neighbours' sources show there (the seams of Kwatra et al., Graphcut textures, 2003, by iterated
 * conditional modes, Besag 1986). So what lies scattered among other copies goes, too.
 *
 * @param copies [height, width, 2]: row and column offset of each pixel's source.
 * @param voted [height, width, 5]: the features that patches voted for, of which colours count.
 * @param pause is awaited after each round.
 * @returns copies, some of the hole's with another offset.
 */
export async function moveSeams(level: Level, copies: Int32Array, voted: Float32Array, pause: () => Promise<void>): Promise<Int32Array> {
  const { height, width, hole, barred, features } = level;
  const places = placesIn(level).hole;
  const out = copies.slice();
  const isWithin = (y: number, x: number) => y >= 0 && x >= 0 && y < height && x < width;
  const maySee = (y: number, x: number) => isWithin(y, x) && !barred[y * width + x];
  const apart = (a: Float32Array, p: number, q: number): number => {
    let sum = 0;
    for (let c = 0; c < 3; c++) sum += (a[p * CHANNELS + c] - features[q * CHANNELS + c]) ** 2;
    return sum;
  };
  /** What a seam costs between a pixel that is copied from so far down and right of it, and its neighbour as that is copied. */
  const seamCost = (y: number, x: number, down: number, right: number, ny: number, nx: number): number => {
    const n = ny * width + nx;
    // What must not be copied need not be met.
    if (barred[n] && !hole[n]) return 0;
    const [otherDown, otherRight] = hole[n] ? [out[2 * n], out[2 * n + 1]] : [0, 0];
    if (otherDown === down && otherRight === right) return 0;
    const source = (y + down) * width + x + right;
    const otherSource = (ny + otherDown) * width + nx + otherRight;
    let [sum, seen] = [0, 0];
    if (maySee(y + otherDown, x + otherRight)) {
      sum += apart(features, source, (y + otherDown) * width + x + otherRight);
      seen++;
    }
    if (maySee(ny + down, nx + right)) {
      sum += apart(features, otherSource, (ny + down) * width + nx + right);
      seen++;
    }
    return LENGTH + (seen > 0 ? (2 * sum) / seen : UNSEEN);
  };
  const cost = (y: number, x: number, down: number, right: number): number => {
    let sum = VOTED * apart(voted, y * width + x, (y + down) * width + x + right);
    for (const [dy, dx] of NEIGHBOURS) if (isWithin(y + dy, x + dx)) sum += seamCost(y, x, down, right, y + dy, x + dx);
    return sum;
  };
  for (let round = 0; round < ROUNDS; round++) {
    let moved = 0;
    for (let i = 0; i < places.length; i++) {
      // There and back, so that seams move both ways.
      const p = round % 2 === 0 ? places[i] : places[places.length - 1 - i];
      const y = (p / width) | 0;
      const x = p - y * width;
      let least = -1;
      for (const [dy, dx] of NEIGHBOURS) {
        const n = p + dy * width + dx;
        if (!isWithin(y + dy, x + dx) || !hole[n]) continue;
        const [down, right] = [out[2 * n], out[2 * n + 1]];
        if ((down === out[2 * p] && right === out[2 * p + 1]) || !maySee(y + down, x + right)) continue;
        if (least < 0) least = cost(y, x, out[2 * p], out[2 * p + 1]);
        const other = cost(y, x, down, right);
        if (other >= least) continue;
        least = other;
        out[2 * p] = down;
        out[2 * p + 1] = right;
        moved++;
      }
    }
    await pause();
    if (moved === 0) break;
  }
  return out;
}
