import { basename, extname } from 'node:path';

const stem = (path: string) => basename(path, extname(path));
const SUFFIX = /[-_]mask$/i;
const NUMBERED = /[-_]mask[-_]?\d+$/i;
const PREFIX = /^mask[-_](?=.)/i;

/** What stands before or behind a photo's name in a mask's, taken away; undefined where it isn't there. */
const without = (pattern: RegExp) => (mask: string) => (pattern.test(stem(mask)) ? stem(mask).replace(pattern, '') : undefined);

/** How a mask may be named after its photo, best first: what its name says, and which of the photo's names that may be. */
const WAYS: { says: (mask: string) => string | undefined; of: ((photo: string) => string)[] }[] = [
  { says: basename, of: [basename] },
  { says: stem, of: [basename] },
  { says: stem, of: [stem] },
  { says: without(SUFFIX), of: [basename, stem] },
  { says: without(NUMBERED), of: [basename, stem] },
  { says: without(PREFIX), of: [basename, stem] },
];

const asWritten = (name: string) => name;
const composed = (name: string) => name.normalize('NFC');
const withoutCase = (name: string) => name.toLowerCase().normalize('NFC');

/** Whether a file is a mask by its name alone: NAME-mask, NAME_mask001, mask_NAME. */
export const isCalledMask = (path: string): boolean => [SUFFIX, NUMBERED, PREFIX].some((pattern) => pattern.test(stem(path)));

/** The files of a folder of both that are masks: those that are called so, and NAME.EXT.png where NAME.EXT is there. */
export function masksAmong(paths: readonly string[]): string[] {
  const names = new Set(paths.map((path) => withoutCase(basename(path))));
  // Of PNG alone: NAME.jpg.webp is what web servers call a photo's copy.
  return paths.filter((path) => isCalledMask(path) || (/\.png$/i.test(path) && names.has(withoutCase(stem(path)))));
}

/**
 * The masks that fit each photo, by the photo: one, or several that fit equally well; a photo that none fits is not in the map.
 *
 * The photo's own name comes first, then NAME.EXT.png, NAME.png, NAME-mask and NAME_mask, those with a number behind, and mask-NAME and
 * mask_NAME, of any format. Names are compared as they are written; for a photo that finds none so, in Unicode's composed form, and then
 * without case, among the masks that are nobody's by then.
 */
export function matchMasks(photos: readonly string[], masks: readonly string[], isSame: (a: string, b: string) => boolean): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const spelling of [asWritten, composed, withoutCase]) {
    const taken = new Set([...found.values()].flat());
    const free = masks.filter((mask) => !taken.has(mask));
    const ways = WAYS.map(({ says, of }) => ({ of, named: byName(free, says, spelling) }));
    for (const photo of photos) {
      if (found.has(photo)) continue;
      for (const { of, named } of ways) {
        const fitting = of.flatMap((nameOf) => named.get(spelling(nameOf(photo))) ?? []).filter((mask) => !isSame(mask, photo));
        if (fitting.length === 0) continue;
        found.set(photo, fitting);
        break;
      }
    }
  }
  return found;
}

function byName(masks: readonly string[], says: (mask: string) => string | undefined, spelling: (name: string) => string): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const mask of masks) {
    const name = says(mask);
    if (name === undefined) continue;
    const others = named.get(spelling(name));
    if (others) others.push(mask);
    else named.set(spelling(name), [mask]);
  }
  return named;
}
