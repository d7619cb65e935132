// The inner loops that plain JavaScript is too slow for. AssemblyScript: TypeScript's syntax with WebAssembly's types; addresses are
// in bytes, and nothing is allocated here. `npm run assembly` compiles it into src/arrays/vector-code.ts.

export { align, alignField, alignIn } from './align';
export { addBytes, addWords, blank, shareOut, toBytes } from './average';
export { beside } from './beside';
export { bestOffsets, layBlended, layEquations } from './blend';
export { edgeField } from './edges';
export { squaredDistances } from './nearest-mark';
export { peelTurn } from './peel';
export { depths, findStrangers, halve, leaveOut, patchCentres, texture } from './pyramid';
export { seed } from './random';
export { relax } from './relax';
export { reusePrices, sharesAlike } from './reuse';
export { searchPatches } from './search';
export { meanColours } from './tones';
export { votePatches } from './votes';
export { weigh } from './weigh';
