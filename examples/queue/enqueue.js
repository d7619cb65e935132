// Puts the pictures of a folder into the queue, each once: node enqueue.js FOLDER
import { access, readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { Queue } from 'bullmq';
import { connect, jobId, QUEUE } from './queue.js';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: node enqueue.js FOLDER');

const names = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp|avif|tiff?)$/i.test(name) && !name.startsWith('.')).sort();
const isMask = (/** @type {string} */ name) => /-mask$/.test(parse(name).name);

const connection = connect({ patient: false });
const queue = new Queue(QUEUE, { connection });
const counts = { added: 0, known: 0, done: 0, withoutMask: 0 };
try {
  for (const photo of names.filter((name) => !isMask(name))) {
    const mask = names.find((name) => parse(name).name === `${parse(photo).name}-mask`);
    if (mask === undefined) {
      console.error(`${photo}: there is no ${parse(photo).name}-mask.png`);
      counts.withoutMask++;
      continue;
    }
    const exists = await access(join(folder, 'results', photo)).then(
      () => true,
      () => false,
    );
    if (exists) {
      counts.done++;
      continue;
    }
    const id = await jobId(photo, join(folder, photo), join(folder, mask));
    const known = await queue.getJob(id);
    // Completed, but its result is gone: somebody wants it made again.
    if (known && (await known.isCompleted())) await known.remove();
    else if (known) {
      counts.known++;
      continue;
    }
    // An id that is in the queue by now, because somebody else runs this too, adds nothing. Names only: each host has the folder in a place of its own.
    await queue.add('fill', { photo, mask }, { jobId: id, attempts: 4, backoff: { type: 'exponential', delay: 2000 } });
    counts.added++;
  }
  console.log(`${counts.added} added, ${counts.known} in the queue already, ${counts.done} done already, ${counts.withoutMask} without a mask`);
} finally {
  await queue.close();
  connection.disconnect();
}
process.exitCode = counts.withoutMask > 0 ? 1 : 0;
