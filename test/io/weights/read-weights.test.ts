import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../../../src/errors';
import { readWeights, type WeightSource } from '../../../src/io/weights';
import { expectCode, temporaryFolder } from '../support';
import { described, expected, fixture, fixtures, path } from './support';

const folder = temporaryFolder();
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const kernel = async (source: WeightSource) => described(await readWeights(source)).get('conv/kernel');

describe('files', () => {
  it('by path and by file: URL', async () => {
    for (const source of [path('graph.pb'), pathToFileURL(path('graph.pb')), pathToFileURL(path('graph.pb')).href]) {
      expect(await kernel(source)).toEqual(expected.get('conv/kernel'));
    }
  });

  it('a name with spaces, umlauts, % and #', async () => {
    const name = join(folder, 'a b ä %20 #1.bin');
    copyFileSync(path('raw.onnx'), name);
    expect(await kernel(name)).toEqual(expected.get('conv/kernel'));
    expect(await kernel(pathToFileURL(name))).toEqual(expected.get('conv/kernel'));
  });

  it('a checkpoint by its index, and by what its files have in common', async () => {
    for (const name of ['sharded.index', 'sharded']) {
      const file = await readWeights(path(name));
      expect(file.tensors.size).toBe(expected.size - 1 + 40);
      expect(described(file).get('conv/kernel')).toEqual(expected.get('conv/kernel'));
    }
  });

  it('a checkpoint by its files, in any order, in a folder or not', async () => {
    const files = fixtures('sharded.data-00001-of-00002', 'sharded.index', 'sharded.data-00000-of-00002');
    expect(await kernel(files)).toEqual(expected.get('conv/kernel'));
    expect(await kernel(Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`training/${name}`, bytes])))).toEqual(expected.get('conv/kernel'));
  });

  it('progress: of a checkpoint the sums', async () => {
    const seen: unknown[] = [];
    await readWeights(path('checkpoint'), { onProgress: (progress) => seen.push(progress) });
    const [index, data] = Object.values(fixtures('checkpoint.index', 'checkpoint.data-00000-of-00001')).map(({ length }) => length);
    expect(seen).toEqual([
      { loaded: index, total: index },
      { loaded: index + data, total: index + data },
    ]);
  });

  it('a path that is not there, a folder, a folder of a SavedModel', async () => {
    const nothing = await expectCode(readWeights(join(folder, 'nothing.pb')), 'file-read');
    expect(nothing).toMatchObject({ name: 'WeightsError', actual: 'ENOENT', message: expect.stringContaining('nothing.pb') });
    expect((await expectCode(readWeights(folder), 'file-read')).message).toContain('it is a folder');
    mkdirSync(join(folder, 'saved'));
    copyFileSync(path('other/saved_model.pb'), join(folder, 'saved', 'saved_model.pb'));
    expect((await expectCode(readWeights(join(folder, 'saved')), 'weights-format')).message).toContain('read variables/variables.index');
  });

  it('a file: URL of another machine', async () => {
    await expectCode(readWeights('file://elsewhere/weights.pb'), 'file-read');
    await expectCode(readWeights('a\0b'), 'file-read');
  });

  it('errors name the file', async () => {
    const cut = join(folder, 'cut.safetensors');
    writeFileSync(cut, fixture('tensors.safetensors').subarray(0, 900));
    expect((await expectCode(readWeights(cut), 'weights-damaged')).message).toMatch(`${cut}: safetensors: `);
    const { 'sharded.index': index } = fixtures('sharded.index');
    writeFileSync(join(folder, 'lonely.index'), index);
    expect((await expectCode(readWeights(join(folder, 'lonely')), 'weights-damaged')).message).toContain('.data-00000-of-00002 is missing');
    writeFileSync(join(folder, 'renamed'), index);
    expect((await expectCode(readWeights(join(folder, 'renamed')), 'weights-format')).message).toContain('must be named *.index');
  });
});

describe('several files', () => {
  it.each<[string, Record<string, Uint8Array>]>([
    ['none', {}],
    ['two that are no checkpoint', { 'a.pb': fixture('graph.pb'), 'b.pb': fixture('graph.pb') }],
    ['two checkpoints', fixtures('sharded.index', 'checkpoint.index', 'checkpoint.data-00000-of-00001')],
  ])('%s: weights-format', async (_, files) => {
    await expectCode(readWeights(files), 'weights-format');
  });

  it('a name like __proto__ is a name', async () => {
    const files = Object.fromEntries([['__proto__', fixture('graph.pb')]]);
    expect(await kernel(files)).toEqual(expected.get('conv/kernel'));
    // The shard is looked for among the files' own names alone.
    const index = fixture('checkpoint.index');
    const inherited = Object.assign(Object.create({ 'm.data-00000-of-00001': fixture('checkpoint.data-00000-of-00001') }), {
      'm.index': index,
      'm.other': index,
    });
    await expectCode(readWeights(inherited), 'weights-damaged');
  });
});

describe('sha256', () => {
  const bytes = fixture('graph.pb');
  it('right: in either case, of bytes, a path and an index', async () => {
    for (const digest of [sha256(bytes), sha256(bytes).toUpperCase()]) {
      for (const source of [bytes, path('graph.pb'), { 'a.pb': bytes }])
        expect((await readWeights(source, { sha256: digest })).tensors.size).toBe(expected.size - 1);
    }
    await readWeights(path('checkpoint'), { sha256: sha256(fixture('checkpoint.index')) });
  });

  it('wrong: weights-damaged, with both', async () => {
    const wrong = sha256(fixture('raw.onnx'));
    for (const source of [bytes, path('graph.pb'), { 'a.pb': bytes }]) {
      const error = await expectCode(readWeights(source, { sha256: wrong }), 'weights-damaged');
      expect(error).toMatchObject({ expected: wrong, actual: sha256(bytes) });
    }
  });
});

describe('arguments', () => {
  it.each<[string, unknown, object]>([
    ['a number', 7, {}],
    ['null', null, {}],
    ['a Blob, which would have no files', new Blob([fixture('graph.pb') as Uint8Array<ArrayBuffer>]), {}],
    ['files that are texts', { 'a.pb': 'text' }, {}],
    ['a URL without a host', 'https://', {}],
    ['a short sha256', new Uint8Array(9), { sha256: 'abc' }],
    ['a cache that is a number', new Uint8Array(9), { cache: 1 }],
  ])('%s: argument', async (_, source, options) => {
    await expect(readWeights(source as WeightSource, options)).rejects.toBeInstanceOf(ArgumentError);
  });

  it('a signal that has fired', async () => {
    const reason = new Error('enough');
    for (const source of [fixture('graph.pb'), path('graph.pb'), 'https://example.invalid/']) {
      const error = await expectCode(readWeights(source, { signal: AbortSignal.abort(reason) }), 'aborted');
      expect(error.cause).toBe(reason);
    }
  });
});
