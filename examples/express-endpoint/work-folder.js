// Where uploads and results are until they are answered: a folder for each request in one for this server. A server that is killed can't
// remove its own; the next one on this host does.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

// Containers that share the folder have process numbers of their own; they differ by host.
const PREFIX = `cra-inpaint-endpoint-${hostname().replace(/[^\w.]/g, '_')}-`;

export class WorkFolder {
  #root;

  /** @param {string} parent */
  constructor(parent) {
    mkdirSync(parent, { recursive: true });
    for (const name of readdirSync(parent)) if (isAbandoned(name)) rmSync(join(parent, name), { recursive: true, force: true });
    this.#root = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
    process.once('exit', () => rmSync(this.#root, { recursive: true, force: true }));
  }

  /** @returns {Promise<string>} a new folder that only this server can read */
  create() {
    return mkdtemp(join(this.#root, 'request-'));
  }

  /** @param {string} folder from `create()` */
  async remove(folder) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch((error) => console.error(error.message));
  }
}

/** @param {string} name */
function isAbandoned(name) {
  const [, pid] = name.startsWith(PREFIX) ? (name.slice(PREFIX.length).match(/^(\d+)-\w{6}$/) ?? []) : [];
  if (!pid) return false;
  // In a container each server may have the same number, and there was one before this.
  if (Number(pid) === process.pid) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}
