/** A URL as errors show it: without a query, which may hold a token. */
export const shownUrl = ({ origin, protocol, pathname }: URL): string => (origin === 'null' ? `${protocol}...` : origin + pathname);
