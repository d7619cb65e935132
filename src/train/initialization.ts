import type { FillNetwork } from '../generators/network/network';
import type { Initializer } from '../layers/initializers';
import { Layer, type WeightSpecification, type WeightSpecifications } from '../layers/layer';

/** A layer's weights under other initialisers: to make first weights by, not to compute with. */
class Initialized extends Layer {
  constructor(
    name: string,
    readonly weights: WeightSpecifications,
  ) {
    super(name);
  }
}

/** A network whose weights start out otherwise; what it computes with them is the same. */
export function withInitializers<Network extends FillNetwork>(
  network: Network,
  initializerOf: (name: string, specification: WeightSpecification) => Initializer,
): Network {
  const layers = network.layers.map((layer) => {
    const weights = Object.entries(layer.weights).map(([name, specification]) => [name, { ...specification, initializer: initializerOf(name, specification) }]);
    return new Initialized(layer.name, Object.fromEntries(weights));
  });
  return { ...network, layers };
}
