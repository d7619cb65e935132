// How far the queue is, and which pictures failed for which reason: node status.js [--json]
import { Queue } from 'bullmq';
import { connect, QUEUE } from './queue.js';

const connection = connect({ patient: false });
const queue = new Queue(QUEUE, { connection });
try {
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'completed', 'failed');
  const failed = (await queue.getFailed()).map(({ data, failedReason, attemptsMade }) => ({ photo: data.photo, reason: failedReason, attempts: attemptsMade }));
  if (process.argv.includes('--json')) console.log(JSON.stringify({ counts, failed }));
  else {
    for (const [state, count] of Object.entries(counts)) console.log(`${state.padEnd(10)} ${count}`);
    for (const { photo, reason, attempts } of failed) console.log(`failed: ${photo} after ${attempts} attempt${attempts === 1 ? '' : 's'}: ${reason}`);
  }
} finally {
  await queue.close();
  connection.disconnect();
}
