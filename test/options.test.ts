import { expect, it } from 'vitest';
import { createInpainter } from '../src/browser/inpainter';
import { checkOptions } from '../src/check';
import { fillPatches } from '../src/cra/fill-patches';
import { inpaint } from '../src/cra/inpaint';
import { openSession } from '../src/cra/session';
import { ArgumentError } from '../src/errors';
import { inpaintFile, openPhoto } from '../src/node';

const photo = { width: 4, height: 4, channels: 1 as const, data: new Uint8Array(16) };
const worker = { postMessage: () => undefined, terminate: () => undefined } as unknown as Worker;
const inpainter = createInpainter({ worker });

it.each<[string, (options: object) => unknown, string, string]>([
  ['inpaint', (options) => inpaint(photo, photo, options), 'fether', 'feather'],
  ['fillPatches', (options) => fillPatches(photo, photo, options).next(), 'Seed', 'seed'],
  ['fill', async (options) => (await openSession(photo)).fill(photo, options), 'workingsize', 'workingSize'],
  ['openSession', (options) => openSession(photo, options), 'histroy', 'history'],
  ['inpaintFile', (options) => inpaintFile('a.png', 'b.png', 'c.png', options), 'onWarnings', 'onWarning'],
  ['openPhoto', (options) => openPhoto('a.png', options), 'pixellimit', 'pixelLimit'],
  ['createInpainter', (options) => createInpainter(options), 'worker_s', 'workers'],
  ['createInpainter: generator', (options) => createInpainter({ generator: { name: 'migan', ...options } as never }), 'wheights', 'weights'],
  ['inpaint', (options) => inpainter.inpaint(photo, photo, options), 'ouput', 'output'],
  ['open', (options) => inpainter.open(photo, options), 'signl', 'signal'],
  ['ready', (options) => inpainter.ready(options), 'onprogres', 'onProgress'],
])('%s refuses an option that is misspelt', async (op, call, wrong, right) => {
  const failed = await (async () => call({ [wrong]: 1 }))().then(
    () => undefined,
    (error) => error,
  );
  expect(failed).toBeInstanceOf(ArgumentError);
  expect(failed).toMatchObject({ code: 'argument', message: `${op}: unknown option '${wrong}': did you mean '${right}'?`, actual: wrong });
});

it('one that is like none is answered by all names; one that is undefined says nothing', () => {
  const known = { seed: true, signal: true } as const;
  expect(() => checkOptions({ background: 1 }, known, 'op')).toThrow("op: unknown option 'background': there are seed, signal");
  expect(() => checkOptions({ seed: 1, background: undefined }, known, 'op')).not.toThrow();
  expect(() => checkOptions({ toString: 1 }, known, 'op')).toThrow(/unknown option 'toString'/);
  expect(() => checkOptions(null as never, known, 'op')).toThrow(/op: options must be an object, got null/);
});
