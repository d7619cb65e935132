import type { WeightFile } from '../../io/weights/weight-file';

/**
 * A place that weights come from: how its files name ours. How they lay out kernels is told from their shapes.
 */
export interface Origin {
  /** The name in messages. */
  readonly name: string;
  /** The order of the channels that its networks were trained on. Default `'rgb'`. */
  readonly colourOrder?: ColourOrder;
  /** The name there of one of our weights; `undefined` where it has none. */
  nameOf(weight: string): string | undefined;
  /** A file with the names that `nameOf` tells, where some of its tensors are called otherwise from file to file. Default: as it is. */
  namedFile?(file: WeightFile): WeightFile;
  /** Names there that are no weights of the network and may be left over, such as an optimiser's. */
  readonly ignored?: RegExp;
  /** The values of one of our weights that its files do not hold, such as what its pictures are normalised by. Default: none. */
  constantOf?(weight: string): readonly number[] | undefined;
  /** Throws a WeightsError where what a file holds beside weights is not what the network computes with. Default: it is not looked at. */
  checkFile?(file: WeightFile): void;
  /** What its values are multiplied by to be ours, of a weight that has this shape here. Default 1. */
  factorOf?(weight: string, shape: readonly number[]): number;
}

/** In which order a network takes and gives the channels of colour pictures. */
export type ColourOrder = 'rgb' | 'bgr';
