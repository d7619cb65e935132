/** A picture batch or kernel as plain numbers. */
export interface PlainArray {
  shape: number[];
  values: ArrayLike<number>;
}

/** Zeros before each axis, and the size of the result. */
function layout(size: number, kernel: number, stride: number, dilation: number, padding: 'same' | 'valid' | number): [number, number] {
  const extent = dilation * (kernel - 1) + 1;
  if (padding === 'same') {
    const out = Math.ceil(size / stride);
    return [Math.floor(Math.max((out - 1) * stride + extent - size, 0) / 2), out];
  }
  const around = padding === 'valid' ? 0 : padding;
  return [around, Math.floor((size + 2 * around - extent) / stride) + 1];
}

/** A convolution in float64, index by index. */
export function naiveConvolution(
  { shape: [batch, height, width, channels], values: x }: PlainArray,
  { shape: [size, , , output], values: w }: PlainArray,
  { stride = 1, dilation = 1, padding = 'same' as 'same' | 'valid' | number, bias = undefined as ArrayLike<number> | undefined } = {},
): { shape: number[]; values: number[] } {
  const [top, rows] = layout(height!, size!, stride, dilation, padding);
  const [left, columns] = layout(width!, size!, stride, dilation, padding);
  const out: number[] = [];
  for (let n = 0; n < batch!; n++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        for (let o = 0; o < output!; o++) {
          let sum = bias?.[o] ?? 0;
          for (let p = 0; p < size!; p++) {
            for (let q = 0; q < size!; q++) {
              const [y, z] = [stride * i + dilation * p - top, stride * j + dilation * q - left];
              if (y < 0 || z < 0 || y >= height! || z >= width!) continue;
              for (let c = 0; c < channels!; c++) {
                sum += x[((n * height! + y) * width! + z) * channels! + c]! * w[((p * size! + q) * channels! + c) * output! + o]!;
              }
            }
          }
          out.push(sum);
        }
      }
    }
  }
  return { shape: [batch!, rows, columns, output!], values: out };
}
