// A worker of one's own: the same as the one that comes with the package, but with a generator of one's own and one backend only.
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import plain from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.wasm?url';
import { fromFunction, membrane } from 'cra-inpaint';
import { serveInpainter } from 'cra-inpaint/worker';

setWasmPaths({
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threaded,
});

serveInpainter({
  // Colours run smoothly from rim to rim, like a soap film. Any function of picture and hole can stand here.
  generators: { smooth: () => fromFunction((image, hole) => membrane(image, hole), { name: 'smooth' }) },
});
