import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../src/browser/connection';
import type { ToPage, ToWorker } from '../../src/browser/protocol';
import { AbortError, ArgumentError, BackendError } from '../../src/errors';

/** A worker that only writes down what it is sent. */
class FakeWorker {
  onmessage: ((event: { data: ToPage }) => void) | null = null;
  onerror: ((event: { message?: string; preventDefault(): void }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  heard: ToWorker[] = [];
  terminated = false;
  postMessage(message: ToWorker): void {
    this.heard.push(message);
  }
  terminate(): void {
    this.terminated = true;
  }
  say(message: ToPage): void {
    this.onmessage?.({ data: message });
  }
}

function connected() {
  const workers: FakeWorker[] = [];
  const start = () => {
    workers.push(new FakeWorker());
    return workers.at(-1) as unknown as Worker;
  };
  const told: unknown[] = [];
  const tell = (choice: unknown) => void told.push(choice);
  const connection = new Connection(start, { type: 'start', generator: 'exemplar' }, tell, tell);
  connection.open();
  return { connection, workers, told };
}
const question = (id: number) => ({ message: { type: 'memory', id } as const });
const answer = (id: number): ToPage => ({ type: 'answer', id, answer: { memory: { tensors: id, bytes: 0, backend: 'cpu' } } });
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const ids = (worker: FakeWorker) => worker.heard.filter(({ type }) => type === 'memory').map((message) => (message as { id: number }).id);

describe('a connection', () => {
  it('passes on which backend and which generator were chosen', () => {
    const { workers, told } = connected();
    workers[0]!.say({ type: 'backend', backend: 'cpu', reason: 'why' });
    workers[0]!.say({ type: 'generator', generator: 'migan', reason: 'so' });
    expect(told).toEqual([
      { backend: 'cpu', reason: 'why' },
      { generator: 'migan', reason: 'so' },
    ]);
  });

  it('greets, and posts in the order of asking, however long a question takes to write', async () => {
    const { connection, workers } = connected();
    let write: (() => void) | undefined;
    const slow = new Promise<void>((resolve) => {
      write = resolve;
    });
    const answers = [connection.ask(async (id) => slow.then(() => question(id))), connection.ask(question)];
    await settled();
    expect(workers[0]!.heard).toEqual([{ type: 'start', generator: 'exemplar' }]);
    write?.();
    await settled();
    expect(ids(workers[0]!)).toEqual([0, 1]);
    workers[0]!.say(answer(1));
    workers[0]!.say(answer(0));
    expect(await Promise.all(answers)).toMatchObject([{ memory: { tensors: 0 } }, { memory: { tensors: 1 } }]);
  });

  it('goes on after a question that cannot be written, in order', async () => {
    const { connection, workers } = connected();
    const failing = connection.ask(async () => Promise.reject(new RangeError('unwritten')));
    const next = connection.ask(question);
    await expect(failing).rejects.toThrow('unwritten');
    await settled();
    workers[0]!.say(answer(1));
    expect(await next).toMatchObject({ memory: { tensors: 1 } });
  });

  it('an abort rejects at once, is passed on, and an answer that still comes is not listened to', async () => {
    const { connection, workers } = connected();
    const controller = new AbortController();
    const onProgress = vi.fn();
    const asked = connection.ask(question, { signal: controller.signal, onProgress });
    await settled();
    controller.abort('enough');
    await expect(asked).rejects.toMatchObject({ constructor: AbortError, cause: 'enough' });
    expect(workers[0]!.heard.at(-1)).toEqual({ type: 'abort', id: 0 });
    workers[0]!.say({ type: 'progress', id: 0, progress: { stage: 'fill', done: 1, total: 1 } });
    workers[0]!.say(answer(0));
    expect(onProgress).not.toHaveBeenCalled();
  });

  it('a question that is aborted while it is written is never posted, and what it would have handed over is closed', async () => {
    const { connection, workers } = connected();
    const controller = new AbortController();
    const close = vi.fn();
    const asked = connection.ask(async (id) => ({ ...question(id), transfer: [{ close } as unknown as Transferable] }), { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toBeInstanceOf(AbortError);
    await settled();
    expect(ids(workers[0]!)).toEqual([]);
    expect(close).toHaveBeenCalledOnce();
  });

  it('a bitmap that nobody waits for any more is closed', async () => {
    const { connection, workers } = connected();
    const controller = new AbortController();
    const close = vi.fn();
    const asked = connection.ask(question, { signal: controller.signal });
    await settled();
    controller.abort();
    await expect(asked).rejects.toBeInstanceOf(AbortError);
    workers[0]!.say({ type: 'answer', id: 0, answer: { bitmap: { close } as unknown as ImageBitmap } });
    expect(close).toHaveBeenCalledOnce();
  });

  it('what cannot be sent is an ArgumentError, and what would have been handed over is closed', async () => {
    const { connection, workers } = connected();
    workers[0]!.postMessage = (message) => void structuredClone(message);
    const close = vi.fn();
    const unsendable = { type: 'memory', id: 0, work: () => undefined } as unknown as ToWorker;
    const asked = connection.ask(() => ({ message: unsendable, transfer: [{ close } as unknown as Transferable] }));
    await expect(asked).rejects.toMatchObject({ constructor: ArgumentError, cause: { name: 'DataCloneError' } });
    expect(close).toHaveBeenCalledOnce();
  });

  it('a crash fails all questions, and the next has a new worker, which the old one does not disturb', async () => {
    const { connection, workers } = connected();
    const asked = [connection.ask(question), connection.ask(question)];
    await settled();
    const { onerror } = workers[0]!;
    workers[0]!.say({ type: 'backend', backend: 'cpu', reason: 'only one' });
    onerror?.({ message: 'bang', preventDefault: () => undefined });
    for (const call of asked) await expect(call).rejects.toMatchObject({ constructor: BackendError, message: 'createInpainter: the worker crashed: bang' });
    expect(workers[0]!.terminated).toBe(true);
    const next = connection.ask(question);
    await settled();
    expect(workers).toHaveLength(2);
    workers[0]!.onerror?.({ message: 'bang again', preventDefault: () => undefined });
    workers[1]!.say(answer(2));
    expect(await next).toMatchObject({ memory: { tensors: 2 } });
  });

  describe('that is closed', () => {
    afterEach(() => {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    });

    it('ends its worker at once on a page that is not isolated', () => {
      const { connection, workers } = connected();
      connection.close(new AbortError('aborted', 'enough'));
      expect(workers[0]).toMatchObject({ terminated: true, heard: [{ type: 'start' }] });
    });

    it('has its worker end its own threads first on an isolated page; nothing of it is heard meanwhile', async () => {
      vi.stubGlobal('crossOriginIsolated', true);
      vi.useFakeTimers();
      const { connection, workers, told } = connected();
      const worker = workers[0]!;
      const asked = connection.ask(question);
      connection.close(new AbortError('aborted', 'enough'));
      await expect(asked).rejects.toThrow('enough');
      expect(worker).toMatchObject({ terminated: false, heard: [{ type: 'start' }, { type: 'end' }] });
      const prevented = vi.fn();
      worker.onerror?.({ message: 'bang', preventDefault: prevented });
      worker.say({ type: 'backend', backend: 'cpu', reason: 'late' });
      expect(prevented).toHaveBeenCalledOnce();
      expect(told).toEqual([]);
      // Whether it answers or not.
      vi.runAllTimers();
      expect(worker.terminated).toBe(true);
    });
  });

  it('a worker that has not said a word could not be started; one whose words cannot be read has crashed', async () => {
    const { connection, workers } = connected();
    const first = connection.ask(question);
    workers[0]!.onerror?.({ preventDefault: () => undefined });
    await expect(first).rejects.toThrow(
      /can't be started: no reason is given, its script may be missing: vite's dev server needs optimizeDeps: \{ exclude: \['cra-inpaint'\] \}/,
    );
    const second = connection.ask(question);
    await settled();
    workers[1]!.say({ type: 'backend', backend: 'cpu', reason: 'only one' });
    workers[1]!.onmessageerror?.();
    await expect(second).rejects.toThrow(/crashed: it sent what cannot be read/);
  });
});
