// The endpoint's limits, each from the environment.
import { tmpdir } from 'node:os';

/**
 * @param {string} name of the variable
 * @param {number} otherwise
 */
function number(name, otherwise) {
  const value = Number(process.env[name] ?? otherwise);
  if (!(value > 0)) throw new Error(`${name} must be a number above 0, not ${process.env[name]}`);
  return value;
}

export const limits = {
  /** Bytes of a photo or mask file. */
  fileBytes: number('MAX_FILE_MB', 25) * 1e6,
  /** Pixels of a photo or mask. What a file of a few kilobytes claims to be may not fit into memory. */
  pixels: number('MAX_MEGAPIXELS', 24) * 1e6,
  /** Bytes that the process which fills may allocate in all. Linux only. */
  memory: number('MAX_MEMORY_MB', 2048) * 2 ** 20,
  /** Bytes of its JavaScript heap, in which no pixels are. */
  heap: number('MAX_HEAP_MB', 512) * 2 ** 20,
  /** Requests that wait while one is worked on. Each holds its files on the disk. */
  waiting: number('MAX_WAITING', 4),
  /** Requests that may be arriving at one time. Each holds what has come of it on the disk. */
  uploads: number('MAX_UPLOADS', 32),
  /** The same, from one address. */
  uploadsPerClient: number('MAX_UPLOADS_PER_CLIENT', 8),
  /** Bytes in a second below which an upload is ended. */
  uploadRate: number('MIN_UPLOAD_KB_PER_SECOND', 16) * 1e3,
  /** Milliseconds for a request to arrive whole. */
  uploadTime: number('MAX_UPLOAD_SECONDS', 60) * 1000,
  /** Milliseconds for a request's headers to arrive. */
  headerTime: number('MAX_HEADER_SECONDS', 10) * 1000,
  /** Milliseconds for one picture, from when work on it begins. */
  workTime: number('MAX_SECONDS', 60) * 1000,
  /** Milliseconds that requests in hand are given when the server is told to stop. */
  grace: number('GRACE_SECONDS', 20) * 1000,
  /** Proxies before this server: an address is what the last of them says, not what the connection has. */
  proxies: Number(process.env.PROXIES ?? 0),
  /** Where uploads and results are until they are answered. */
  folder: process.env.WORK_FOLDER ?? tmpdir(),
};
