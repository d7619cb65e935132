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
  /** Names there that are no weights of the network and may be left over, such as an optimiser's. */
  readonly ignored?: RegExp;
}

/** In which order a network takes and gives the channels of colour pictures. */
export type ColourOrder = 'rgb' | 'bgr';
