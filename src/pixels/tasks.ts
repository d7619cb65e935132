import { type Pause, type Threads, task } from '../threads/task';
import { heal } from './heal';
import { copyOf } from './view';
import type { Retouch } from './window';

/** What a thread is asked for: the healed pixels of a patch. */
export const healing = task('heal', async (retouch: Retouch, pause) => {
  await heal(retouch, { pause });
  return retouch.patch.picture.data;
});

/** Heals a window at work, on any thread. */
export async function healBy(threads: Threads, retouch: Retouch, pause: Pause): Promise<void> {
  const { photo, weights, ...others } = retouch;
  const { data } = retouch.patch.picture;
  const healed = await threads.run(healing, { ...others, photo: copyOf(photo), weights: copyOf(weights) }, pause);
  if (healed !== data) data.set(healed);
}
