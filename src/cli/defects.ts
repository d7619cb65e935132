import { parseArgs } from 'node:util';
import { findDefects } from '../cra/find-defects';
import { readPicture, writePicture } from '../io/node';
import { choice, DEFECT_KINDS, number, UsageError, usageErrorOf } from './arguments';
import { foundIn, inWords } from './found';
import type { Output } from './report';

const HELP = `Usage: cra-inpaint defects PHOTO -o MASK [options]

Finds the dust or the scratches of a scan and writes a mask of them, to be looked at before it is used: a bird before the
sky is a speck, and a wire is a scratch.

  -o, --output PATH  the mask: white where a defect is; its extension is its format, PNG for one
      --kind KIND    dust (default) or scratches
      --size N       the widest that one may be, in pixels, from 3 to 64 (default: a 250th of the short side, 7 to 20)
      --contrast N   the least that it differs from what lies around it, of 255 (default 40)
  -h, --help         this text

Then: cra-inpaint scan.jpg dust.png -o clean.jpg
In one: cra-inpaint scan.jpg --defects -o clean.jpg
`;

const OPTIONS = {
  output: { type: 'string', short: 'o' },
  kind: { type: 'string', default: 'dust' },
  size: { type: 'string' },
  contrast: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usageErrorOf(error);
  }
}

/** Runs the command `defects`; returns the exit code. Throws UsageError and what reading, finding and writing throw. */
export async function runDefects(args: string[], { stdout, signal }: { stdout: Output; signal?: AbortSignal }): Promise<number> {
  const { values, positionals } = parsed(args);
  if (values.help) {
    stdout.write(HELP);
    return 0;
  }
  const { output, kind, size, contrast } = values;
  if (positionals.length !== 1) throw new UsageError(`defects: expected one photo, got ${positionals.length}`);
  if (output === undefined) throw new UsageError('defects: --output is missing');
  const options = {
    kind: choice('kind', kind, DEFECT_KINDS),
    size: size === undefined ? undefined : number('size', size, 3, 64, false),
    contrast: contrast === undefined ? undefined : number('contrast', contrast, 1, 255, false),
  };
  const [photo] = positionals;
  const mask = await findDefects(await readPicture(photo), { ...options, signal });
  await writePicture(mask, output, { signal });
  stdout.write(`${photo} -> ${output}  ${inWords(foundIn(mask))}\n`);
  return 0;
}
