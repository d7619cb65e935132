// The names below are put in when the page is built: see vite.config.ts.
declare const FILES: string[];
declare const VERSION: string;
declare const POLICY: string;
declare const WEIGHTS: string[];

/** What of a service worker's surroundings is used here. TypeScript keeps their types apart from a page's. */
interface Surroundings {
  addEventListener(type: 'install' | 'activate', listen: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(type: 'fetch', listen: (event: { request: Request; respondWith(answer: Promise<Response> | Response): void }) => void): void;
  clients: { claim(): Promise<void> };
  registration: { scope: string };
}
const worker = globalThis as unknown as Surroundings;
const CACHE = `cra-inpaint-demo-${VERSION}`;

worker.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(['./', ...FILES].map((file) => new Request(file, { cache: 'reload' })));
    })(),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith('cra-inpaint-demo-') && name !== CACHE).map((name) => caches.delete(name)));
      await worker.clients.claim();
    })(),
  );
});

/**
 * The kept answer, with what static hosts don't send: isolation, which lets WebAssembly use several threads, and the
 * policy, which a worker takes from its own answer and not from the page. WebAssembly's threads are scripts that the worker
 * makes itself, so they are blobs.
 */
function hardened(answer: Response, forPage: boolean): Response {
  const headers = new Headers(answer.headers);
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('content-security-policy', forPage ? POLICY : POLICY.replace("script-src 'self'", "script-src 'self' blob:"));
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

/** Whether a request is for weights, which alone come from elsewhere. A `*` stands for any part of the host's name. */
const forWeights = ({ protocol, host }: URL): boolean =>
  WEIGHTS.some(
    (from) => from === `${protocol}//${host}` || (from.includes('//*') && protocol === 'https:' && host.endsWith(from.slice(from.indexOf('*') + 1))),
  );

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  if (!request.url.startsWith('http')) return;
  const address = new URL(request.url);
  if (address.origin !== new URL(worker.registration.scope).origin) return forWeights(address) ? undefined : event.respondWith(Response.error());
  if (request.method !== 'GET') return;
  event.respondWith(
    (async () => {
      const kept = await (await caches.open(CACHE)).match(request, { ignoreSearch: true });
      return hardened(kept ?? (await fetch(request)), request.mode === 'navigate');
    })(),
  );
});
