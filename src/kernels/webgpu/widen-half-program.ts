import { flatProgram } from './flat-program';

/** Two halves of each 32-bit word, the lower one first, as float32. */
export const widenHalfProgram = (shape: number[]) =>
  flatProgram({
    key: 'widen_half',
    shape,
    inputs: { packed: 1 },
    main: 'result[index] = unpack2x16float(bitcast<u32>(packed[index / 2]))[index % 2];',
  });
