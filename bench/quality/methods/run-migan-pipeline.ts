import type { FillModule } from './module';

/** The whole pipeline of the ONNX file as it comes: it cuts a square around the hole, resizes it to 512, fills, resizes and pastes. */
const fill: FillModule = async ({ width, height, data, hole }, { miganWeights }) => {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(miganWeights as string);
  const pixels = width * height;
  const planes = new Uint8Array(3 * pixels);
  for (let p = 0; p < pixels; p++) for (let c = 0; c < 3; c++) planes[c * pixels + p] = data[3 * p + c];
  const keep = hole.map((value) => (value ? 0 : 255));
  const { result } = await session.run({ image: new Tensor('uint8', planes, [1, 3, height, width]), mask: new Tensor('uint8', keep, [1, 1, height, width]) });
  const out = new Uint8Array(3 * pixels);
  const values = result.data as Uint8Array;
  for (let p = 0; p < pixels; p++) for (let c = 0; c < 3; c++) out[3 * p + c] = values[c * pixels + p];
  return out;
};

export default fill;
