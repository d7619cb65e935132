import { checkArgument, checkOptions } from '../check';
import type { BrowserPictureSource } from '../io/browser';
import type { MaskShapes } from '../shapes';
import type { FillSettings, GeneratorChoice, NamedGenerator } from './options';
import type { NamedChoice, PlainImageData, SentFill, SentMask } from './protocol';
import { addressOf, closeAll, maskToSend, type Sendable, toSendable } from './sendable';

/** What a page says of a fill. */
interface FillToAsk {
  mask: BrowserPictureSource | MaskShapes;
  sketch?: BrowserPictureSource;
  sources?: BrowserPictureSource | MaskShapes;
  avoid?: BrowserPictureSource | MaskShapes;
  pixelLimit?: number;
  settings: FillSettings;
  generator?: NamedChoice;
  progress: boolean;
  preview: boolean;
}

/** Takes masks and sketch as they are at the time of the call, and with them whatever else is to be sent. */
export async function toAsk<T extends readonly Promise<Sendable<unknown>>[]>(
  { mask, sketch, sources, avoid, ...rest }: FillToAsk,
  others: T,
): Promise<{ fill: SentFill; others: { -readonly [K in keyof T]: Awaited<T[K]> }; transfer: Transferable[] }> {
  const own = [
    maskToSend(mask),
    sketch === undefined ? undefined : toSendable(sketch, 'sketch'),
    sources === undefined ? undefined : maskToSend(sources, 'sources'),
    avoid === undefined ? undefined : maskToSend(avoid, 'avoid'),
  ] as const;
  const all = await allOrNone([...own, ...others]);
  const transfer = all.flatMap((picture) => picture?.transfer ?? []);
  const [sentMask, sentSketch, sentSources, sentAvoid] = all as [Sendable<SentMask>, Sendable | undefined, ...(Sendable<SentMask> | undefined)[]];
  const fill = { ...rest, mask: sentMask.source, sketch: sentSketch?.source, sources: sentSources?.source, avoid: sentAvoid?.source };
  const sent = all.slice(own.length);
  return { fill, others: sent as { -readonly [K in keyof T]: Awaited<T[K]> }, transfer };
}

/** Waits for all that is to be sent; where one can't be, what would have been handed over with the others is freed. */
async function allOrNone(sources: readonly (Promise<Sendable<unknown>> | undefined)[]): Promise<(Sendable<unknown> | undefined)[]> {
  try {
    return await Promise.all(sources);
  } catch (error) {
    for (const source of sources)
      source?.then(
        ({ transfer }) => closeAll(transfer),
        () => undefined,
      );
    throw error;
  }
}

/** An ImageData of its fields. */
export const imageOf = ({ data, width, height, colorSpace }: PlainImageData): ImageData => new ImageData(data, width, height, { colorSpace });

const NAMED_OPTIONS = { name: true, weights: true, download: true } as const satisfies Record<keyof NamedGenerator, true>;

/** A generator as it can be sent. @throws ArgumentError for one that can't */
export function sendableChoice(generator: GeneratorChoice, op: string): GeneratorChoice {
  if (generator === 'exemplar' || generator === 'best') return generator;
  const named = typeof generator?.name === 'string' && !('fill' in generator);
  checkArgument(named, op, 'generator', "'exemplar', 'best' or an object with a name, and weights (no generator itself: it can't be sent)", generator);
  checkOptions(generator, NAMED_OPTIONS, `${op}: generator`);
  const { name, weights, download = false } = generator;
  const source = weights === undefined || typeof weights === 'string' || [Blob, ArrayBuffer, Uint8Array, URL].some((type) => weights instanceof type);
  checkArgument(source, op, 'weights', 'a Blob, bytes or an address', weights);
  checkArgument(typeof download === 'boolean', op, 'download', 'true or false', download);
  return { name, download, weights: typeof weights === 'string' || weights instanceof URL ? addressOf(weights, 'weights') : weights };
}

/** Numbers generators, so that a worker finds again what it has made: the same name with the same weights is the same one. */
export class ChoiceNumbers {
  readonly #known: { name: string; weights: unknown; download: boolean | undefined }[] = [];

  /** @throws ArgumentError for a generator that can't be sent */
  of(generator: GeneratorChoice | undefined, op: string): NamedChoice | undefined {
    if (generator === undefined) return undefined;
    const choice = sendableChoice(generator, op);
    const { name, weights, download }: NamedGenerator = typeof choice === 'string' ? { name: choice } : choice;
    let key = this.#known.findIndex((known) => known.name === name && known.weights === weights && known.download === download);
    if (key < 0) key = this.#known.push({ name, weights, download }) - 1;
    return { key, choice };
  }
}
