import type * as TensorFlow from '@tensorflow/tfjs';

/**
 * Makes a backend the current one, before the test file is collected: a test may ask for it by name in `skipIf`.
 * tfjs itself would fall back to another backend without a word.
 */
export async function useBackend(tf: typeof TensorFlow, name: string): Promise<void> {
  tf.env().set('IS_TEST', true); // keeps its greeting out of the log
  if (!(await tf.setBackend(name)) || tf.getBackend() !== name) throw new Error(`no ${name} backend`);
  await tf.ready();
  // The flag also makes tfjs count data after each kernel; wasm copies what a custom gradient saves and would be blamed for it.
  if (name === 'wasm') tf.env().set('IS_TEST', false);
}
