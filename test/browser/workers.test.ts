import { afterEach, expect, it, vi } from 'vitest';
import { createInpainter } from '../../src/browser/inpainter';
import type { ToWorker } from '../../src/browser/protocol';
import { ArgumentError } from '../../src/errors';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What a worker is greeted with. */
function greeting(options: { workers?: number }): ToWorker {
  const postMessage = vi.fn();
  createInpainter({ ...options, worker: { postMessage } as unknown as Worker });
  return postMessage.mock.calls[0]![0];
}

it('a worker hears how many others are to share its work; none unless somebody asks', () => {
  expect(greeting({ workers: 3 })).toMatchObject({ type: 'start', workers: 3 });
  expect(greeting({})).toMatchObject({ type: 'start', workers: 1 });
});

it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', null])('%s is no number of workers', (workers) => {
  const worker = vi.fn();
  expect(() => createInpainter({ worker, workers: workers as number })).toThrow(ArgumentError);
  expect(worker).not.toHaveBeenCalled();
});
