// The server: PORT=3000 node server.js. Limits: see limits.js. It stops at SIGTERM, when what it has in hand is done.
import { createServer } from 'node:http';
import { createApp } from './app.js';
import { InpaintThread } from './inpaint-thread.js';
import { limits } from './limits.js';

const thread = new InpaintThread(limits);
const { app, stop, abortAll } = createApp(thread, limits);
const server = createServer({ requestTimeout: limits.uploadTime, headersTimeout: limits.uploadTime, connectionsCheckingInterval: 1000 }, app);
server.listen(Number(process.env.PORT ?? 3000), process.env.HOST ?? '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(JSON.stringify({ listening: port }));
});

let stopping = false;
for (const name of ['SIGTERM', 'SIGINT']) {
  process.on(name, () => {
    if (stopping) return;
    stopping = true;
    stop();
    const late = setTimeout(abortAll, limits.grace);
    const hopeless = setTimeout(() => process.exit(1), limits.grace + 10_000);
    // Ends idle connections at once, and calls back when the others have their answers.
    server.close(async () => {
      clearTimeout(late);
      clearTimeout(hopeless);
      await thread.close();
      console.log(JSON.stringify({ stopped: true }));
    });
  });
}
