import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../src/cli/run';
import { BackendError, MemoryError, PictureError } from '../src/errors';
import { encodePicture } from '../src/io/node';
import { isOutOfMemory, throwIfOutOfMemory, withinMemory } from '../src/memory';

const withCode = (message: string, code: string) => Object.assign(new Error(message), { code });

describe('isOutOfMemory', () => {
  // As they were seen, or stand in the sources of those who say them.
  it.each([
    'Array buffer allocation failed',
    'Invalid typed array length: 9007199254740991',
    'Out of memory',
    'memory access out of bounds',
    'Cannot enlarge memory arrays to size 2147483648 bytes (OOM)',
    'WebAssembly.Memory(): could not allocate memory',
    'OOM when allocating tensor with shape[1,4096,4096,64]',
    'std::bad_alloc',
    'vips_image_write_to_memory: out of memory -- size == 192MB',
    'VipsJpeg: Insufficient memory (case 4)',
    'webpsave: failed to allocate 192000000 bytes',
    'heif: Memory allocation error: Unspecified: Allocating 192000015 bytes failed (6.0)',
    'unable to allocate memory',
    'The ImageBitmap could not be allocated.',
    'allocation size overflow',
  ])('%s', (message) => expect(isOutOfMemory(new RangeError(message))).toBe(true));

  it.each(['ENOMEM', 'ERR_MEMORY_ALLOCATION_FAILED'])('by the code %s', (code) => expect(isOutOfMemory(withCode('no', code))).toBe(true));

  it.each([
    'VipsJpeg: premature end of JPEG image',
    'Invalid array length',
    'index out of bounds',
    'heif: Memory allocation error: Security limit exceeded: 40000 x 40000',
    'libgomp.so.1: cannot allocate memory in static TLS block',
    'the room is large enough',
  ])('not %s', (message) => expect(isOutOfMemory(new Error(message))).toBe(false));

  it("not a file's name, an error of another code, nor nothing at all", () => {
    expect(isOutOfMemory(withCode("ENOENT: no such file, open '/x/OOM out of memory.png'", 'ENOENT'))).toBe(false);
    expect(isOutOfMemory(new PictureError('damaged', 'out of memory.png is damaged'))).toBe(false);
    for (const none of [undefined, null, 3, {}]) expect(isOutOfMemory(none)).toBe(false);
  });
});

describe('naming it', () => {
  it('says what could not be done, and has the error underneath', () => {
    const cause = new RangeError('Array buffer allocation failed');
    const thrown = (error: unknown) => {
      try {
        throwIfOutOfMemory(error, 'x can not be read');
      } catch (caught) {
        return caught;
      }
      return undefined;
    };
    expect(thrown(cause)).toBeInstanceOf(MemoryError);
    expect(thrown(cause)).toMatchObject({ code: 'out-of-memory', cause, message: 'x can not be read: memory ran out (Array buffer allocation failed)' });
    expect(thrown(new Error('else'))).toBe(undefined);
    // A backend's stays a backend's.
    const backends = new BackendError('out-of-memory', 'no room');
    expect(thrown(backends)).toBe(backends);
  });

  it('other errors pass as they are', async () => {
    const own = new RangeError('of my own');
    await expect(withinMemory('x', () => Promise.reject(own))).rejects.toBe(own);
    await expect(withinMemory('x', async () => 3)).resolves.toBe(3);
  });
});

it('the command says so, too', async () => {
  let said = '';
  const output = {
    write(text: string) {
      said += text;
    },
  };
  const startBackend = () => Promise.resolve();
  const fill = () => Promise.reject(new RangeError('Array buffer allocation failed'));
  const folder = mkdtempSync(join(tmpdir(), 'memory-'));
  try {
    const path = join(folder, 'a.png');
    writeFileSync(path, await encodePicture({ width: 4, height: 3, channels: 3, data: new Uint8Array(36) }));
    expect(await run([path, path, '-o', join(folder, 'b.png'), '--json'], { stdout: output, stderr: output, startBackend, fill })).toBe(1);
    expect(JSON.parse(said.split('\n')[0]!).error).toEqual({ code: 'out-of-memory', message: 'Array buffer allocation failed' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
