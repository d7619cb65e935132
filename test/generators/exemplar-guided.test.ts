import { describe, expect, it } from 'vitest';
import { copiesAfterGuide } from '../../src/generators/exemplar/guided';
import { thisThread } from '../../src/threads/task';
import { disc, maskOf } from '../cra/support';
import { roughness, SIDE, unevenGrain } from '../support/uneven-grain';
import { seeded } from '../support/values';

const hole = Float32Array.from(maskOf(SIDE, SIDE, disc(64, 64, 26)).data, (v) => v / 255);
const noise = seeded(3, SIDE * SIDE);

type Grey = (y: number, x: number) => number;

/** A photo with some grain, and in its hole what a network painted. */
const painted = (photo: Grey, network: Grey): Float32Array =>
  Float32Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    const at = [Math.floor(p / SIDE), p % SIDE] as const;
    return hole[p] ? network(...at) : photo(...at) + 0.1 * noise[p];
  });

async function rebuilt(guide: Float32Array, follow = false): Promise<Float32Array> {
  const copied = await copiesAfterGuide({ guide, hole, height: SIDE, width: SIDE, follow, seed: 1, threads: thisThread, pause: async () => {} });
  return copied!.blended;
}

/** Of the hole's pixels that a picture has dark, what share a fill has dark, and the same of those that are light. */
function shareRight(fill: Float32Array, photo: Grey): [dark: number, light: number] {
  const right = [0, 0];
  const all = [0, 0];
  for (let p = 0; p < SIDE * SIDE; p++) {
    if (!hole[p]) continue;
    const isLight = photo(Math.floor(p / SIDE), p % SIDE) > -0.2;
    all[Number(isLight)]++;
    if (fill[3 * p] > -0.2 === isLight) right[Number(isLight)]++;
  }
  return [right[0] / all[0], right[1] / all[1]];
}

describe('a fill that is rebuilt after what a network painted', () => {
  const stripe: Grey = (y, x) => (Math.abs(y - 64 - 0.4 * (x - 64)) < 4 ? -0.7 : 0.3);
  const dots: Grey = (y, x) => (((y % 16) - 8) ** 2 + ((x % 16) - 8) ** 2 < 20 ? -0.7 : 0.3);

  it('has a line that the network had a little beside', async () => {
    const guide = painted(stripe, (y, x) => stripe(y - 5, x));
    expect(shareRight(await rebuilt(guide), stripe)[0]).toBeGreaterThan(0.9);
    // Of the network's own stripe 38 % lie on the line, and 44 % of one that is rebuilt without looking where lines run.
    expect(shareRight(await rebuilt(guide, true), stripe)[0]).toBeGreaterThan(0.52);
  });

  it('has a line that the network left out, unless it is to be followed', async () => {
    const guide = painted(stripe, () => 0.3);
    expect(shareRight(await rebuilt(guide), stripe)[0]).toBeGreaterThan(0.9);
    expect(guide).toEqual(painted(stripe, () => 0.3));
    expect(shareRight(await rebuilt(guide, true), stripe)[0]).toBeLessThan(0.5);
  });

  it('has dots where the network painted a blot that looks like nothing in the photo, unless it is to be followed', async () => {
    const guide = painted(dots, (y, x) => ((y - 60) ** 2 + (x - 70) ** 2 < 250 ? -0.7 : 0.3));
    const [own, followed] = [await rebuilt(guide), await rebuilt(guide, true)].map((fill) => Math.min(...shareRight(fill, dots)));
    expect(own).toBeGreaterThan(0.97);
    expect(followed).toBeLessThan(0.9);
  });

  it('has what the network painted where the photo has its like, though an own fill would be plain', async () => {
    const spots = [24, 104].flatMap((y) => [20, 48, 76, 104].map((x) => [y, x]));
    const far: Grey = (y, x) => (spots.some(([v, u]) => (y - v) ** 2 + (x - u) ** 2 < 81) ? -0.7 : 0.3);
    const withAnother: Grey = (y, x) => ((y - 64) ** 2 + (x - 64) ** 2 < 81 ? -0.7 : 0.3);
    const [dark, light] = shareRight(await rebuilt(painted(far, withAnother)), withAnother);
    expect(dark).toBeGreaterThan(0.8);
    expect(light).toBeGreaterThan(0.9);
  });

  it('is rougher than what the network painted, which is softer than the photo', async () => {
    const photo = unevenGrain();
    const guide = photo.map((value, i) => (hole[Math.floor(i / 3)] ? value / 2 : value));
    const ratio = roughness(await rebuilt(guide), hole) / roughness(guide, hole);
    // It is 1.75, and 1.25 where what is voted for is taken as it is.
    expect(ratio).toBeGreaterThan(1.5);
  });
});
