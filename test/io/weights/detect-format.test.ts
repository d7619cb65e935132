import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readWeights } from '../../../src/io/weights';
import { expectCode } from '../support';
import { concat, zeros } from './build';
import { fixture, fixtures } from './support';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the format is told by the content', () => {
  it.each([
    ['tensors.safetensors', 'safetensors'],
    ['graph.pb', 'tensorflow-graph'],
    ['graph-values.pb', 'tensorflow-graph'],
    ['mindspore.ckpt', 'mindspore'],
    ['mindspore-sliced.ckpt', 'mindspore'],
    ['raw.onnx', 'onnx'],
    ['numbers.onnx', 'onnx'],
  ])('%s, by any other name', async (name, format) => {
    const file = await readWeights({ 'weights.bin': fixture(name) });
    expect(file.format).toBe(format);
    expect(file.tensors.get('conv/kernel')!.shape).toEqual([3, 3, 2, 4]);
    expect((await readWeights(fixture(name).buffer as ArrayBuffer)).tensors.size).toBe(file.tensors.size);
  });

  it('a file cut short is still known for what it is', async () => {
    for (const name of ['tensors.safetensors', 'graph.pb', 'mindspore.ckpt', 'raw.onnx']) {
      const bytes = fixture(name);
      for (const length of [60, 100, 500, bytes.length - 1]) {
        const error = await expectCode(readWeights(bytes.subarray(0, length)), 'weights-damaged');
        expect(error.message).toMatch(/safetensors: |field \d+ takes|numbers? |parameter|takes/);
      }
    }
    const { 'checkpoint.index': index, ...data } = fixtures('checkpoint.index', 'checkpoint.data-00000-of-00001');
    await expectCode(readWeights({ 'checkpoint.index': index.subarray(0, 300), ...data }), 'weights-damaged');
  });
});

describe('what is not read is named, with a way out', () => {
  const localHeader = concat(ascii('PK\x03\x04'), zeros(26), deflateRawSync('archive/data.pkl'));
  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', zeros(0), /an empty file/],
    ['PyTorch', localHeader, /zip archive, as PyTorch's \.pth and \.pt are: .*torch\.load\(.*safetensors\.torch\.save_file\(/],
    ['old PyTorch', Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20), /Python pickle, as old \.pth files are: .*torch\.load\(/],
    ['HDF5', fixture('other/model.h5'), /HDF5, as Keras writes it: .*tf\.train\.Checkpoint/],
    ['a SavedModel', fixture('other/saved_model.pb'), /a SavedModel, .*variables\.index/],
    ['a MetaGraph', fixture('other/model.meta'), /MetaGraph.*\.index beside it/],
    ['a Git LFS pointer', ascii('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n'), /Git LFS pointer.*git lfs pull/],
    ['gzip', gzipSync('x'), /compressed with gzip/],
    ['HTML', ascii('\n <!DOCTYPE html><html>'), /HTML or XML page/],
    ['TensorFlow Lite', ascii('\x1c\0\0\0TFL3'), /TensorFlow Lite/],
    ['JSON', ascii('{"modelTopology":{}}'), /model\.json/],
    ['tar', concat(zeros(257), ascii('ustar\x0000')), /tar archive/],
    ['text', ascii('some text, and more of it'), /no file of weights in a known format/],
    ['zeros', zeros(1000), /no file of weights in a known format/],
  ])('%s', async (_, bytes, says) => {
    const error = await expectCode(readWeights(bytes), 'weights-format');
    expect(error.message).toMatch(says);
  });

  it('a bare index', async () => {
    const error = await expectCode(readWeights(fixture('checkpoint.index')), 'weights-format');
    expect(error.message).toMatch(/index of a TensorFlow checkpoint.*path or URL, or all its files/);
  });
});
