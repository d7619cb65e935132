/** Masks as shapes: {@link maskFrom}, and what it takes. */
export type { FillRule } from './area';
export { type MaskFromOptions, maskFrom } from './mask-from';
export type { RunMask } from './run-mask';
export type {
  BoxShape,
  CocoAnnotation,
  CocoDataset,
  CocoImage,
  EllipseShape,
  MaskShapes,
  PathShape,
  Points,
  PolygonShape,
  RleShape,
  Shape,
  Shapes,
  StrokeShape,
  SvgShape,
} from './shapes';
