// The command with a fill that takes no time, and a result that is written beside its place and never put there, for a test to kill.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

fs.promises.rename = () => {
  setInterval(() => undefined, 60_000);
  process.stderr.write('renaming\n');
  return new Promise(() => undefined);
};
syncBuiltinESMExports();
const { main } = await import('../../src/cli/main');
await main(process.argv.slice(2), { startBackend: async () => undefined, fill: async () => undefined });
