import { describe, expect, it } from 'vitest';
import { readMindspore, readOnnx, readSafetensors, readTensorflowCheckpoint, readTensorflowGraph } from '../../../src/io/weights';
import { block, concat, constant, entry, graph, header, message, onnx, parameter, safetensors, shape, table, varint, zeros } from './build';
import { expectDamage, fixture, fixtures } from './support';

const damaged = 'weights-damaged';
const format = 'weights-format';

describe('safetensors', () => {
  const one = { w: { dtype: 'F32', shape: [2], data_offsets: [0, 8] } };
  const read = (head: unknown, values: number) => () => readSafetensors(safetensors(head, values));

  it('what is used below is right as it stands', () => {
    expect(read(one, 8)().tensors.get('w')).toEqual({ shape: [2], dtype: 'float32', data: zeros(8) });
    expect(read({}, 0)().tensors.size).toBe(0);
    expect(read(' {"a":{"shape":[0],"data_offsets":[0,0],"dtype":"I8","more":[]}} ', 0)().tensors.size).toBe(1);
  });

  it.each<[string, () => unknown, RegExp, string?]>([
    ['no room for a header', () => readSafetensors(zeros(7)), /7 bytes are too few/],
    ['a header longer than the file', () => readSafetensors(safetensors(one, 8).subarray(0, 30)), /header takes \d+ bytes, the file has 22/],
    ['a header beyond 100 MB', () => readSafetensors(Uint8Array.of(1, 0xe1, 0xf5, 5, 0, 0, 0, 0, 0x7b)), /100000001 bytes is beyond/],
    ['a header of 2^63', () => readSafetensors(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 0x7b)), /beyond the format's limit/],
    ['a header that is not UTF-8', () => readSafetensors(Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff)), /not UTF-8/],
    ['a header that is not JSON', read('{"w":', 0), /not JSON/],
    ['a header with a broken key', read('{"\\x":1}', 0), /not JSON/],
    ['a header that is a list', read('[]', 0), /no JSON object/],
    ['a header nested deep', read(`{"w":${'['.repeat(50_000)}`, 0), /nested too deep/],
    [
      'two tensors of one name',
      read('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\\u0077":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8),
      /names "w" twice/,
    ],
    ['two shapes of one tensor', read('{"w":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}', 8), /names "shape" twice/],
    ['an entry without a shape', read({ w: { dtype: 'F32', data_offsets: [0, 8] } }, 8), /"w" must have dtype, shape/],
    ['an entry that is null', read({ w: null }, 0), /must have dtype, shape/],
    ['a negative size', read({ w: { ...one.w, shape: [-2] } }, 8), /must have dtype, shape/],
    ['a size that is no whole number', read({ w: { ...one.w, shape: [1.5] } }, 8), /must have dtype, shape/],
    ['three offsets', read({ w: { ...one.w, data_offsets: [0, 8, 8] } }, 8), /must have dtype, shape/],
    ['a product beyond 2^53', read({ w: { ...one.w, shape: [2 ** 40, 2 ** 40] } }, 8), /can't have the shape \[1099511627776, 1099511627776\]/],
    [
      'such a product that comes to nothing in the end',
      read({ w: { dtype: 'F32', shape: [2 ** 40, 2 ** 40, 0], data_offsets: [0, 0] } }, 0),
      /can't have the shape/,
    ],
    [
      'a million axes, of which the message shows eight',
      read({ w: { ...one.w, shape: Array(1e6).fill(1) } }, 8),
      /float32 \[1, 1, 1, 1, 1, 1, 1, 1, \.\.\.\] takes 4 bytes/,
    ],
    ['a shape that needs more bytes', read({ w: { ...one.w, shape: [3] } }, 8), /float32 \[3\] takes 12 bytes, the file has 8/],
    ['offsets the wrong way round', read({ w: { ...one.w, data_offsets: [8, 0] } }, 8), /lies at 8 to 0/],
    ['offsets beyond the file', read({ w: { ...one.w, shape: [4], data_offsets: [0, 16] } }, 8), /lies at 0 to 16: expected from 0, within 8/],
    ['a gap', read({ a: one.w, b: { ...one.w, data_offsets: [9, 17] } }, 17), /"b" lies at 9 to 17: expected from 8/],
    ['an overlap', read({ a: one.w, b: { ...one.w, data_offsets: [4, 12] } }, 12), /"b" lies at 4 to 12: expected from 8/],
    ['the same bytes twice', read({ a: one.w, b: one.w }, 8), /"b" lies at 0 to 8: expected from 8/],
    ['values before the first', read({ a: { ...one.w, data_offsets: [1, 9] } }, 9), /lies at 1 to 9: expected from 0/],
    ['values after the last', read(one, 9), /the tensors end at 8, the file at 9/],
    ['metadata that are no texts', read({ __metadata__: { a: 1 } }, 0), /__metadata__ "a" must be a text/],
    ['metadata that are no object', read({ __metadata__: [] }, 0), /__metadata__ must be an object/],
    ['a type that is not read', read({ w: { dtype: 'F8_E4M3', shape: [8], data_offsets: [0, 8] } }, 8), /type "F8_E4M3", which is not read/, format],
    ['a type named like a method', read({ w: { dtype: 'constructor', shape: [8], data_offsets: [0, 8] } }, 8), /type "constructor"/, format],
  ])('%s', (_, attempt, says, code = damaged) => {
    expectDamage(attempt, code, says);
  });

  it('cut anywhere', () => {
    const file = fixture('tensors.safetensors');
    for (let length = 0; length < file.length; length++) expectDamage(() => readSafetensors(file.subarray(0, length)), damaged, /^safetensors: /);
  });
});

describe('TensorFlow graph', () => {
  const read = (tensor: Uint8Array) => () => readTensorflowGraph(graph(tensor));
  const float = (...fields: [number, Uint8Array | number][]) => message([1, 1], ...fields);

  it('what is used below is right as it stands', () => {
    expect(read(float([2, shape(2)], [4, zeros(8)]))().tensors.get('w')).toEqual({ shape: [2], dtype: 'float32', data: zeros(8) });
  });

  it.each<[string, () => unknown, RegExp, string?]>([
    ['too few raw bytes', read(float([2, shape(3)], [4, zeros(8)])), /"w": float32 \[3\] takes 12 bytes, the file has 8/],
    ['too many raw bytes', read(float([2, shape(1)], [4, zeros(8)])), /takes 4 bytes, the file has 8/],
    ['too many numbers', read(float([2, shape(1)], [5, zeros(8)])), /takes 4 bytes, the file has 8/],
    ['numbers that end within one', read(float([2, shape(3)], [5, zeros(7)])), /its values end within one/],
    ['a negative size', read(float([2, shape(-1)], [4, zeros(8)])), /can't have the shape \[-1\]/],
    ['a product beyond 2^53', read(float([2, shape(2n ** 40n, 2n ** 40n)], [4, zeros(8)])), /can't have the shape/],
    ['a size beyond 2^53', read(float([2, shape(2n ** 60n)], [4, zeros(8)])), /which no size or place can be/],
    ['65 axes', read(float([2, shape(...Array<number>(65).fill(1))], [4, zeros(4)])), /more than 64 axes/],
    ['an unknown rank', read(float([2, message([3, 1])], [4, zeros(8)])), /has no shape/],
    ['one value for a gigabyte', read(float([2, shape(2 ** 28)], [5, zeros(4)])), /one value stands for 1073741824 bytes, too many/],
    ['no value for a gigabyte', read(float([2, shape(2 ** 28)])), /too many for a file of this size/],
    [
      'a hundred such tensors of a megabyte',
      () => readTensorflowGraph(concat(...Array.from({ length: 100 }, (_, i) => graph(float([2, shape(2 ** 18)]), `w${i}`)))),
      /"w\d": one value/,
    ],
    ['two constants of one name', () => readTensorflowGraph(concat(graph(float([2, shape()])), graph(float([2, shape()])))), /two tensors named "w"/],
    ['a constant without a value', () => readTensorflowGraph(message([1, message([1, 'w'], [2, 'Const'])])), /"w" has no value/],
    [
      'a value that is no tensor',
      () => readTensorflowGraph(message([1, message([1, 'w'], [2, 'Const'], [5, message([1, 'value'], [2, message([2, 'x'])])])])),
      /no tensor/,
    ],
    ['a type that is not read', read(message([1, 8], [2, shape(1)], [4, zeros(8)])), /TensorFlow's type 8, which is not read/, format],
    ['no type', read(message([2, shape(1)], [4, zeros(8)])), /type 0/, format],
    ['a type that is text', read(message([1, message([1, 1])])), /no integer/],
    ['a field of wire type 3', () => readTensorflowGraph(Uint8Array.of(0x0b)), /no field 1 of wire type 3/],
    ['a field of number 0', () => readTensorflowGraph(Uint8Array.of(0x02, 0)), /no field 0/],
    ['a number of eleven bytes', () => readTensorflowGraph(Uint8Array.of(0x08, ...new Array(10).fill(0xff), 1)), /longer than 64 bits/],
    ['a length of 2^63', () => readTensorflowGraph(Uint8Array.of(0x0a, ...varint(2n ** 63n))), /claims more than there is/],
    ['a name that is not UTF-8', () => readTensorflowGraph(message([1, message([1, Uint8Array.of(0xff)], [2, 'Const'])])), /not UTF-8/],
  ])('%s', (_, attempt, says, code = damaged) => {
    expectDamage(attempt, code, says);
  });

  it('cut within a node', () => {
    const file = concat(graph(float([2, shape(2)], [4, zeros(8)])));
    for (let length = 1; length < file.length; length++)
      expectDamage(() => readTensorflowGraph(file.subarray(0, length)), damaged, /field 1 takes|within a number/);
  });

  it('a node within a node is not walked into', () => {
    let node = constant(float([2, shape()]));
    for (let i = 0; i < 5000; i++) node = message([1, node]);
    expectDamage(() => readTensorflowGraph(node), damaged, /not UTF-8|takes|wire type|no content|within/);
  });
});

describe('TensorFlow checkpoint', () => {
  const head = header([1, 1]);
  const w = (fields: [number, Uint8Array | number][] = [], values = zeros(8)) => entry('w', [[1, 1], [2, shape(2)], [5, 8], ...fields], values);
  const read = (index: Uint8Array, data = zeros(8)) => readTensorflowCheckpoint({ 'm.index': index, 'm.data-00000-of-00001': data });

  it('what is used below is right as it stands, in one block or two', () => {
    for (const blocks of [[[head, w()]], [[head], [w()]]])
      expect(read(table(blocks)).tensors.get('w')).toEqual({ shape: [2], dtype: 'float32', data: zeros(8) });
  });

  it.each<[string, () => unknown, RegExp, string?]>([
    ['a flipped bit of the values', () => read(table([[head, w()]]), Uint8Array.of(0, 0, 0, 0, 0, 64, 0, 0)), /"w": its checksum is not that of its bytes/],
    ['values that are cut short', () => read(table([[head, w()]]), zeros(7)), /"w" lies at 0 to 8 of \*\.data-00000-of-00001, which has 7 bytes/],
    ['values from a negative place', () => read(table([[head, w([[4, -1]])]])), /lies at -1 to 7/],
    [
      'two tensors of the same bytes',
      () =>
        read(
          table([
            [
              head,
              entry(
                'v',
                [
                  [1, 1],
                  [2, shape(2)],
                  [5, 8],
                ],
                zeros(8),
              ),
              w(),
            ],
          ]),
        ),
      /"w" lies at/,
    ],
    ['a size that is not the shape', () => read(table([[head, w([[5, 4]], zeros(4))]])), /takes 8 bytes, the file has 4/],
    ['a negative size', () => read(table([[head, w([[5, -8]])]])), /lies at 0 to -8/],
    ['a shape of negative size', () => read(table([[head, w([[2, shape(-2)]])]])), /can't have the shape \[-2\]/],
    ['a shard that there is not', () => read(table([[head, w([[3, 1]])]])), /lies in shard 1 of 1/],
    ['a negative shard', () => read(table([[head, w([[3, -1]])]])), /lies in shard -1/],
    ['no header', () => read(table([[w()]])), /no header/],
    ['nothing at all', () => read(table([[]])), /no header/],
    ['no shards', () => read(table([[header([1, 0])]])), /there can't be 0 shards/],
    ['a name twice', () => read(table([[head, w(), w()]])), /not in order, or there twice/],
    ['names out of order', () => read(table([[head, w(), entry('a', [])]])), /not in order/],
    ['a name that is not UTF-8', () => read(table([[head, entry(Uint8Array.of(0xff), [])]])), /not UTF-8/],
    ['a key that shares more than there is', () => read(table([[head, { ...w(), shared: 1 }]])), /longer than its block/],
    ['a block beyond the file', () => read(table([[head, w()]], { places: [[0, 10_000]] })), /a block ends at 10000/],
    ['a block at 2^48', () => read(table([[head, w()]], { places: [[2 ** 48, 1]] })), /a block ends at/],
    [
      'a block twice',
      () =>
        read(
          table([[head], [w()]], {
            places: [
              [0, block([head]).length - 5],
              [0, block([head]).length - 5],
            ],
          }),
        ),
      /blocks overlap/,
    ],
    ['compression', () => read(table([[head, w()]], { compression: 1 })), /compressed with snappy/, format],
    ['another compression', () => read(table([[head, w()]], { compression: 2 })), /a block is compressed;/, format],
    ['big-endian values', () => read(table([[header([1, 1], [2, 1]), w()]])), /big-endian/, format],
    ['a V1 checkpoint', () => read(fixture('checkpoint-v1')), /V1 checkpoint/, format],
    ['a partitioned variable', () => readTensorflowCheckpoint(fixtures('sliced.index', 'sliced.data-00000-of-00001')), /"cut" is stored in slices/, format],
    ['a missing shard', () => readTensorflowCheckpoint(fixtures('sharded.index', 'sharded.data-00000-of-00002')), /\*\.data-00001-of-00002 is missing/],
    ['no index', () => readTensorflowCheckpoint({ 'm.data-00000-of-00001': zeros(8) }), /expected one file \*\.index, got "m\.data/, format],
    ['an empty record', () => readTensorflowCheckpoint({}), /got none/, format],
  ])('%s', (_, attempt, says, code = damaged) => {
    expectDamage(attempt, code, says);
  });

  it('names that would unfold to many times the file', () => {
    const long = 'x'.repeat(2000);
    const entries = Array.from({ length: 2000 }, (_, i) => ({ key: i === 0 ? long : 'x', value: message([1, 7]), shared: i === 0 ? 0 : 2000 + i - 1 }));
    expectDamage(() => read(table([[head, ...entries]])), damaged, /names are longer than a file of this size/);
  });

  it('an index cut anywhere, or with any byte changed', () => {
    const { 'checkpoint.index': index, ...data } = fixtures('checkpoint.index', 'checkpoint.data-00000-of-00001');
    for (let length = 0; length < index.length; length++) {
      expectDamage(() => readTensorflowCheckpoint({ 'checkpoint.index': index.subarray(0, length), ...data }), damaged, /^checkpoint index: .*cut short/);
    }
    // The footer's padding, the place of an empty block of metadata and its bytes bear no meaning here.
    const meaning = index.length - 8 - 40;
    let refused = 0;
    for (let i = 0; i < meaning; i++) {
      const changed = index.slice();
      changed[i] ^= 1;
      try {
        readTensorflowCheckpoint({ 'checkpoint.index': changed, ...data });
      } catch (error) {
        expect(error).toMatchObject({ name: 'WeightsError' });
        refused++;
      }
    }
    expect(meaning - refused).toBeLessThanOrEqual(13);
  });
});

describe('MindSpore checkpoint', () => {
  const read =
    (...parameters: [number, string | number | bigint | Uint8Array][]) =>
    () =>
      readMindspore(message(...parameters));

  it('what is used below is right as it stands', () => {
    expect(read(parameter('w', [2], 'Float32', zeros(8)))().tensors.get('w')).toEqual({ shape: [2], dtype: 'float32', data: zeros(8) });
    expect(read(parameter('w', [0], 'Float32', zeros(0)))().tensors.get('w')!.shape).toEqual([0]);
    expect(read(parameter('random_op', [], '', zeros(3)))().tensors.size).toBe(0);
  });

  it.each<[string, () => unknown, RegExp, string?]>([
    ['65 axes', read(parameter('w', Array<number>(65).fill(1), 'Float32', zeros(4))), /more than 64 axes/],
    ['too few bytes', read(parameter('w', [2], 'Float32', zeros(7))), /takes 8 bytes, the file has 7/],
    ['slices that miss one', read(parameter('w', [4], 'Float32', zeros(8)), parameter('w', [4], 'Float32', zeros(4))), /takes 16 bytes, the file has 12/],
    ['slices of two shapes', read(parameter('w', [4], 'Float32', zeros(8)), parameter('w', [2, 2], 'Float32', zeros(8))), /slices of "w" disagree/],
    ['slices of two types', read(parameter('w', [4], 'Float32', zeros(8)), parameter('w', [4], 'Int32', zeros(8))), /slices of "w" disagree/],
    [
      'a name twice, one after the other',
      read(parameter('w', [2], 'Float32', zeros(8)), parameter('w', [2], 'Float32', zeros(8))),
      /takes 8 bytes, the file has 16/,
    ],
    [
      'a name twice, apart',
      read(parameter('w', [], 'Int8', zeros(1)), parameter('v', [], 'Int8', zeros(1)), parameter('w', [], 'Int8', zeros(1))),
      /two tensors named "w"/,
    ],
    ['a negative size', read(parameter('w', [-2], 'Float32', zeros(8))), /can't have the shape \[-2\]/],
    ['a product beyond 2^53', read(parameter('w', [2 ** 40, 2 ** 40], 'Float32', zeros(8))), /can't have the shape/],
    ['a type that is not read', read(parameter('w', [1], 'Complex64', zeros(8))), /MindSpore's type "Complex64", which is not read/, format],
    ['a type named like a method', read(parameter('w', [1], 'toString', zeros(8))), /type "toString"/, format],
    ['a map parameter', read([1, message([1, 'w'], [3, 'x'])]), /"w" is no tensor/, format],
    ['the checksum of other bytes', () => readMindspore(fixture('mindspore-sliced.ckpt').map((byte, i) => (i === 60 ? byte ^ 1 : byte))), /checksum/],
  ])('%s', (_, attempt, says, code = damaged) => {
    expectDamage(attempt, code, says);
  });
});

describe('ONNX model', () => {
  const read =
    (...fields: [number, string | number | bigint | Uint8Array][]) =>
    () =>
      readOnnx(onnx(message(...fields)));

  it('what is used below is right as it stands', () => {
    expect(read([1, 2], [2, 1], [8, 'w'], [9, zeros(8)])().tensors.get('w')).toEqual({ shape: [2], dtype: 'float32', data: zeros(8) });
    expect(read([1, Uint8Array.of(1, 2)], [2, 1], [8, 'w'], [9, zeros(8)])().tensors.get('w')!.shape).toEqual([1, 2]);
  });

  it.each<[string, () => unknown, RegExp, string?]>([
    ['as many axes as bytes, packed', read([1, new Uint8Array(2 ** 20).fill(1)], [2, 1], [8, 'w'], [9, zeros(4)]), /more than 64 axes/],
    ['65 axes, a field each', read(...Array.from({ length: 65 }, (): [number, number] => [1, 1]), [2, 1], [8, 'w'], [9, zeros(4)]), /more than 64 axes/],
    ['too few raw bytes', read([1, 3], [2, 1], [8, 'w'], [9, zeros(8)]), /takes 12 bytes, the file has 8/],
    ['too few numbers', read([1, 3], [2, 1], [8, 'w'], [4, zeros(8)]), /takes 12 bytes, the file has 8/],
    ['too many numbers', read([1, 1], [2, 6], [8, 'w'], [5, Uint8Array.of(1, 2)]), /takes 4 bytes, the file has 8/],
    ['numbers that end within one', read([1, 1], [2, 6], [8, 'w'], [5, Uint8Array.of(0x80)]), /within a number/],
    ['a negative size', read([1, -1], [2, 1], [8, 'w'], [9, zeros(8)]), /can't have the shape \[-1\]/],
    ['a product beyond 2^53', read([1, 2 ** 40], [1, 2 ** 40], [2, 1], [8, 'w'], [9, zeros(8)]), /can't have the shape/],
    ['a name twice', () => readOnnx(onnx(message([2, 3], [8, 'w'], [9, zeros(1)]), message([2, 3], [8, 'w'], [9, zeros(1)]))), /two tensors named "w"/],
    ['values in another file', () => readOnnx(fixture('external.onnx')), /"conv\/kernel" lie in a file beside/, format],
    ['a type that is not read', read([1, 1], [2, 17], [8, 'w'], [9, zeros(1)]), /ONNX's type 17, which is not read/, format],
    ['sparse initialisers', () => readOnnx(message([1, 8], [7, message([15, 'x'])])), /sparse/, format],
    ['no graph', () => readOnnx(message([1, 8])), /expected one graph, found 0/],
    ['cut short', () => readOnnx(fixture('raw.onnx').subarray(0, 500)), /field 7 takes \d+ bytes, \d+ are left/],
  ])('%s', (_, attempt, says, code = damaged) => {
    expectDamage(attempt, code, says);
  });
});
