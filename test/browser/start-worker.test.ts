import { afterEach, expect, it, vi } from 'vitest';
import { startWorker } from '../../src/browser/start-worker';
import { BackendError } from '../../src/errors';

class FakeWorker extends EventTarget {
  constructor(readonly address: string) {
    super();
  }
}
const started = (here: string, start: () => Worker = () => new FakeWorker('by its own address') as unknown as Worker) =>
  startWorker(start, './worker.js', here) as unknown as FakeWorker;
const onPage = (origin: string) => {
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('origin', origin);
};
afterEach(() => {
  vi.unstubAllGlobals();
});

it('starts a worker of the same origin, and of a bundle whose address is that of a file', () => {
  onPage('https://here.example');
  for (const here of ['https://here.example/assets/page.js', 'file:///home/build/page.js']) expect(started(here).address).toBe('by its own address');
});

it('imports one of another origin, without trying to start it, and forgets the text once it has been read', async () => {
  onPage('https://here.example');
  const start = vi.fn();
  const worker = started('https://cdn.example/cra-inpaint/cra-inpaint.js', start);
  expect(start).not.toHaveBeenCalled();
  expect(await (await fetch(worker.address)).text()).toBe('import "https://cdn.example/cra-inpaint/worker.js";');
  worker.dispatchEvent(new Event('message'));
  await expect(fetch(worker.address)).rejects.toThrow();
});

it('imports one that the browser refuses to start, and passes other failures on', () => {
  onPage('https://here.example');
  const failing = (name: string) => () => {
    throw new DOMException('not here', name);
  };
  expect(started('https://here.example/page.js', failing('SecurityError')).address).toMatch(/^blob:/);
  expect(() => started('https://here.example/page.js', failing('SyntaxError'))).toThrow('not here');
});

it('says that there are no workers in Node', () => {
  expect(() => started('file:///page.js')).toThrow(BackendError);
});
