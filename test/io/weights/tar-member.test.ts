import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, vi } from 'vitest';
import { tarMember } from '../../../src/io/weights/tar-member';
import { temporaryFolder } from '../support';

const root = temporaryFolder();
const long = `package/${'folder-of-a-long-name/'.repeat(6)}file`;
const contents: Record<string, Buffer> = {
  'package/first': Buffer.from('first'),
  'package/empty': Buffer.alloc(0),
  'package/blocks': Buffer.alloc(1024, 7),
  'package/large': Buffer.from(Array.from({ length: 200_001 }, (_, i) => (i * i) % 251)),
  [long]: Buffer.from('far down'),
};
for (const [path, content] of Object.entries(contents)) {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
const tar = join(root, 'archive.tar');
execFileSync('tar', ['--format=ustar', '-C', root, '-cf', tar, ...Object.keys(contents)]);
const archive = readFileSync(tar);

/** The bytes as a stream of such pieces, and whether it was cancelled. */
function streamOf(bytes: Uint8Array, piece: number) {
  const told = { cancelled: false, given: 0 };
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // As from a network: not all at once.
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (told.given >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(told.given, told.given + piece));
      told.given += piece;
    },
    cancel() {
      told.cancelled = true;
    },
  });
  return { stream, told };
}
const read = async (bytes: Uint8Array, path: string, piece = 1000) =>
  Buffer.from(await new Response(tarMember(streamOf(bytes, piece).stream, path)).arrayBuffer());

it.each(Object.keys(contents))('%s comes as it went in, whatever the pieces', async (path) => {
  for (const piece of [397, 5000, 1e6]) expect((await read(gzipSync(archive), path, piece)).equals(contents[path]!)).toBe(true);
});

it('ends reading behind the file', async () => {
  const noise = randomBytes(500_000);
  const { stream, told } = streamOf(gzipSync(Buffer.concat([archive.subarray(0, 1024), noise])), 1000);
  expect(await new Response(tarMember(stream, 'package/first')).text()).toBe('first');
  await vi.waitFor(() => expect(told.cancelled).toBe(true), 30_000);
  expect(told.given).toBeLessThan(300_000);
});

it('fails where the archive lacks the file, ends too soon, or is none', async () => {
  await expect(read(gzipSync(archive), 'package/second')).rejects.toThrow('the archive holds no package/second');
  await expect(read(gzipSync(archive.subarray(0, 100_000)), 'package/large')).rejects.toThrow('the archive ends too soon');
  await expect(read(gzipSync(archive).subarray(0, 500), 'package/large')).rejects.toThrow();
  await expect(read(gzipSync(Buffer.alloc(2000, 65)), 'package/large')).rejects.toThrow('this is no tar archive');
  await expect(read(archive, 'package/large')).rejects.toThrow();
});

it('ends reading where it fails, too', async () => {
  const noise = randomBytes(500_000);
  for (const [begin, path] of [
    [archive.subarray(0, 1024), 'package/large'],
    [Buffer.concat([archive.subarray(0, 1024), Buffer.alloc(1024)]), 'package/second'],
  ] as const) {
    const { stream, told } = streamOf(gzipSync(Buffer.concat([begin, noise])), 1000);
    await expect(new Response(tarMember(stream, path)).arrayBuffer()).rejects.toThrow();
    await vi.waitFor(() => expect(told.cancelled).toBe(true), 30_000);
    expect(told.given).toBeLessThan(300_000);
  }
});

it('unpacks no more than it may, though the file is not reached', async () => {
  const { stream, told } = streamOf(gzipSync(Buffer.concat([archive, Buffer.alloc(2 ** 24)])), 1000);
  await expect(new Response(tarMember(stream, 'package/large', 100_000)).arrayBuffer()).rejects.toThrow('the archive holds more than 100000 bytes');
  await vi.waitFor(() => expect(told.cancelled).toBe(true), 30_000);
  expect((await new Response(tarMember(streamOf(gzipSync(archive), 1000).stream, 'package/large', archive.length)).arrayBuffer()).byteLength).toBe(200_001);
});
