// The endpoint's limits, each from the environment.

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
  /** Requests that wait while one is worked on. Each holds its files in memory. */
  waiting: number('MAX_WAITING', 4),
  /** Milliseconds for one picture, from when work on it begins. */
  workTime: number('MAX_SECONDS', 60) * 1000,
  /** Milliseconds for a request to arrive whole. */
  uploadTime: number('MAX_UPLOAD_SECONDS', 30) * 1000,
  /** Milliseconds that requests in hand are given when the server is told to stop. */
  grace: number('GRACE_SECONDS', 20) * 1000,
};
