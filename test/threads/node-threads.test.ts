import { EventEmitter } from 'node:events';
import { beforeEach, expect, it } from 'vitest';
import { startInNode } from '../../src/threads/node-threads';
import type { FromThread } from '../../src/threads/protocol';

/** A Worker that does nothing by itself. */
class FakeWorker extends EventEmitter {
  static last: FakeWorker;
  static options: { eval?: boolean; execArgv?: string[] };
  alive = true;
  terminated = false;
  constructor(_script: unknown, options: typeof FakeWorker.options) {
    super();
    FakeWorker.last = this;
    FakeWorker.options = options;
  }
  ref() {
    this.alive = true;
  }
  unref() {
    this.alive = false;
  }
  postMessage(message: unknown) {
    structuredClone(message);
  }
  terminate() {
    this.terminated = true;
    return Promise.resolve(0);
  }
}

let heard: FromThread[] = [];
let deaths: string[] = [];
const start = (script = 'file:///thread.js') =>
  startInNode({ Worker: FakeWorker } as never, new URL(script))(
    (message) => heard.push(message),
    ({ message }) => deaths.push(message),
  );
beforeEach(() => {
  heard = [];
  deaths = [];
});

it('keeps the program alive only while there is an answer to come', () => {
  const thread = start();
  const worker = FakeWorker.last;
  expect(worker.alive).toBe(false);
  expect(() => thread.post({ name: 'x', args: () => 'not to be sent' })).toThrow(/could not be cloned/);
  expect(worker.alive).toBe(false);
  thread.post({ name: 'x', args: 1 });
  worker.emit('message', { type: 'ready' });
  expect(worker.alive).toBe(true);
  worker.emit('message', { type: 'done', result: 2 });
  expect([worker.alive, heard.length]).toEqual([false, 2]);
});

it('tells of every way to fail, an answer that cannot be taken in among them', () => {
  start();
  FakeWorker.last.emit('messageerror', new Error('Array buffer allocation failed'));
  FakeWorker.last.emit('error', new Error('crash'));
  FakeWorker.last.emit('exit', 1);
  expect(deaths).toEqual(['Array buffer allocation failed', 'crash', 'the thread ended']);
});

it('an ended one tells nothing more, and what it fails by is no crash', () => {
  const thread = start();
  thread.end();
  FakeWorker.last.emit('error', new Error('late'));
  FakeWorker.last.emit('message', { type: 'done', result: 1 });
  expect([FakeWorker.last.terminated, heard, deaths]).toEqual([true, [], []]);
});

it('does not take over how the program was started, and sources run by tsx', () => {
  start();
  expect(FakeWorker.options).toMatchObject({ execArgv: [] });
  expect(FakeWorker.options.eval).toBeUndefined();
  start('file:///thread.ts');
  expect(FakeWorker.options).toMatchObject({ execArgv: [], eval: true });
});
