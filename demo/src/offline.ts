/** Keeps the page for when there is no network. Without a service worker (an http: address, a private window) the page works as well, online. */
export function keepForOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('service-worker.js').catch((error) => console.warn('cra-inpaint: the page can not be kept for offline use', error));
}
