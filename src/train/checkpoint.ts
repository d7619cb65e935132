import { dispose, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { onBackend } from '../backend';
import { TrainingError } from '../errors';
import type { ColourOrder } from '../generators/network/origin';
import type { WeightFile } from '../io/weights/weight-file';
import { toFloat32 } from '../io/weights/weight-file';
import { writeSafetensors } from '../io/weights/write-safetensors';
import type { DataPosition } from './batches';
import type { Trainer } from './trainer';

/** What a checkpoint says beside its tensors. */
export interface CheckpointFacts {
  /** The name of the recipe. */
  readonly recipe: string;
  /** How many steps had been made. */
  readonly step: number;
  /** Where in the data the next step begins. */
  readonly position: DataPosition;
  /** The run's settings that later steps depend on: resuming with others is refused. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** In which order the pictures' channels were. */
  readonly colourOrder: ColourOrder;
}

/**
 * A trainer's whole state as safetensors; the generator's weights have their own names, so that generators load it as it is.
 * @throws BackendError where the state can't be read
 */
export async function writeCheckpoint(
  trainer: Trainer,
  { position, settings, colourOrder }: Pick<CheckpointFacts, 'position' | 'settings' | 'colourOrder'>,
): Promise<Uint8Array> {
  const state = trainer.state();
  try {
    const arrays = await onBackend(() =>
      Promise.all(Object.entries(state).map(async ([name, t]) => [name, { shape: t.shape, data: (await t.data()) as Float32Array | Int32Array }] as const)),
    );
    return writeSafetensors(Object.fromEntries(arrays), {
      metadata: {
        generator: trainer.recipe.network.name,
        colour_order: colourOrder,
        recipe: trainer.recipe.name,
        step: String(trainer.step),
        position: JSON.stringify(position),
        settings: JSON.stringify(settings),
      },
    });
  } finally {
    dispose(state);
  }
}

/** What a checkpoint says. @throws TrainingError `checkpoint` where it is none. */
export function checkpointFacts({ metadata }: WeightFile, name: string): CheckpointFacts {
  const [recipe, step, position, settings] = ['recipe', 'step', 'position', 'settings'].map((key) => metadata.get(key));
  if (recipe === undefined || position === undefined || settings === undefined || !/^\d+$/.test(step ?? '')) {
    throw new TrainingError('checkpoint', `${name}: these are weights, but no checkpoint of a training run`, {
      expected: 'recipe, step and settings in the metadata',
    });
  }
  return {
    recipe,
    step: Number(step),
    position: JSON.parse(position),
    settings: JSON.parse(settings),
    colourOrder: metadata.get('colour_order') === 'bgr' ? 'bgr' : 'rgb',
  };
}

/** Puts a trainer where a checkpoint left off. @throws TrainingError `checkpoint`; BackendError */
export async function restoreCheckpoint(trainer: Trainer, file: WeightFile, name: string): Promise<CheckpointFacts> {
  const facts = checkpointFacts(file, name);
  if (facts.recipe !== trainer.recipe.name) {
    throw new TrainingError('checkpoint', `${name}: a checkpoint of ${facts.recipe}, not of ${trainer.recipe.name}`, {
      expected: trainer.recipe.name,
      actual: facts.recipe,
    });
  }
  const tensors: Record<string, Tensor> = {};
  for (const [key, array] of file.tensors) {
    tensors[key] =
      array.dtype === 'int32' ? tensor(new Int32Array(toFloat32(array)), array.shape as number[], 'int32') : tensor(toFloat32(array), array.shape as number[]);
  }
  try {
    await trainer.restore(tensors, facts.step);
  } finally {
    dispose(tensors);
  }
  return facts;
}
