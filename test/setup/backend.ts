import type * as TensorFlow from '@tensorflow/tfjs';

/**
 * Makes a backend the current one, before the test file is collected: a test may ask for it by name in `skipIf`.
 * tfjs itself would fall back to another backend without a word.
 */
export async function useBackend(tf: typeof TensorFlow, name: string): Promise<void> {
  tf.env().set('IS_TEST', true); // keeps its greeting out of the log
  if (!(await tf.setBackend(name)) || tf.getBackend() !== name) throw new Error(`no ${name} backend`);
  await tf.ready();
}
