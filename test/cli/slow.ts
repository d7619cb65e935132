// The command with a fill that takes for ever unless it is aborted, for a test to interrupt.
import { main } from '../../src/cli/main';
import { AbortError } from '../../src/errors';

await main(process.argv.slice(2), {
  startBackend: async () => undefined,
  fill: (_photo, _mask, { signal, onProgress }) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, 60_000);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(new AbortError('aborted', 'inpaint: aborted'));
      });
      onProgress?.({ stage: 'fill', done: 1, total: 2 });
      process.stderr.write('filling\n');
    }),
});
