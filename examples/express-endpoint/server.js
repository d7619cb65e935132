// The server: PORT=3000 node server.js. Limits: see limits.js. It stops at SIGTERM, when what it has in hand is done.
import { createServer, STATUS_CODES } from 'node:http';
import { createApp, HEADERS } from './app.js';
import { FillProcess } from './fill-process.js';
import { limits } from './limits.js';

const filler = new FillProcess(limits);
const { app, stop, abortAll } = createApp(filler, limits);
const times = { headersTimeout: limits.headerTime, requestTimeout: limits.headerTime + limits.uploadTime + 5000, connectionsCheckingInterval: 1000 };
const server = createServer(times, app);

// What is no request, or none in time, never comes to the app.
server.on('clientError', (/** @type {NodeJS.ErrnoException} */ error, socket) => {
  const status = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ code: status === 408 ? 'upload-slow' : 'form', message: STATUS_CODES[status] });
  const headers = { ...HEADERS, 'Content-Type': 'application/json', 'Content-Length': body.length, Connection: 'close' };
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  // An answer that has begun can't be begun again.
  const begun = /** @type {any} */ (socket)._httpMessage?.headersSent;
  if (socket.writable && !begun) socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  socket.destroy(error);
});

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
      await filler.close();
      console.log(JSON.stringify({ stopped: true }));
    });
  });
}
