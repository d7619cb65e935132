// Serves the page, and the package's files for pages without a bundler as cra-inpaint/.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';

const standalone = dirname(createRequire(import.meta.url).resolve('cra-inpaint/standalone'));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const headers = {
  // With these two the page is cross-origin isolated, and wasm may use several threads.
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  // A file is what its type says, and nothing else.
  'x-content-type-options': 'nosniff',
};

/** The file that an address stands for, if it stands for one. */
function fileOf(path) {
  if (path === '/') return new URL('index.html', import.meta.url);
  if (path === '/page.js') return new URL('page.js', import.meta.url);
  const [, name] = path.match(/^\/cra-inpaint\/([\w-][\w.-]*)$/) ?? [];
  return name && join(standalone, name);
}

const server = createServer(async (request, response) => {
  try {
    // In here, since it throws at some addresses, and a server must not die by one.
    const { pathname } = new URL(request.url, 'http://localhost');
    const body = await readFile(fileOf(pathname));
    response.writeHead(200, { 'content-type': types[extname(pathname) || '.html'] ?? 'text/plain', ...headers }).end(body);
  } catch {
    response.writeHead(404, headers).end();
  }
});
server.listen(process.env.PORT ?? 8080, 'localhost', () => console.log(`http://localhost:${server.address().port}`));
