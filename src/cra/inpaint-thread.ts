// What a thread runs. No TensorFlow.js: a thread starts in a moment and takes little memory (test/house/threads.test.ts).
import { matchingTasks } from '../generators/exemplar/array-matcher';
import { wholeFill } from '../generators/exemplar/fill-hole';
import { firstGuess, furtherRounds } from '../generators/exemplar/first-guess';
import { copyAndBlend } from '../generators/exemplar/solve';
import { healing } from '../pixels/tasks';
import { serveTasks } from '../threads/serve';

serveTasks([...matchingTasks, firstGuess, furtherRounds, copyAndBlend, wholeFill, healing]);
