import { weightsOf } from '../../../src/io/weights';

// Finds in a worker the weights that the message asks for, and says how many tensors came, or what it failed by.
addEventListener('message', async ({ data: options }: MessageEvent<object>) => {
  const answer = await weightsOf('migan', options).then(
    ({ tensors }) => tensors.size,
    (error: Error) => error.message,
  );
  postMessage(answer);
});
