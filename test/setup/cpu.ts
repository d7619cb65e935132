import * as tf from '@tensorflow/tfjs';
import { useBackend } from './backend';

await useBackend(tf, 'cpu');
