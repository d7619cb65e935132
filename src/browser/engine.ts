// What of TensorFlow.js a backend is chosen by. Imported as a whole it would all be kept in a bundle.
export { backend, env, findBackendFactory, getBackend, registerBackend, removeBackend, setBackend } from '@tensorflow/tfjs-core';
