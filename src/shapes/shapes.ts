import type { FillRule } from './area';

/**
 * Points: pairs `[x, y]`, or x, y, x, y, ... in one list, in pixels from the photo's upper left corner; or a text such as `'10,20 30,20 30%,40%'`,
 * where per cent are of its width and height.
 */
export type Points = readonly (readonly [x: number, y: number])[] | ArrayLike<number> | string;

/** A rectangle: its upper left corner and its size, in pixels, or as a text such as `'10,20,30%,40%'`. */
export interface BoxShape {
  /** Left, top, width and height. */
  box: readonly [x: number, y: number, width: number, height: number] | string;
}

/** A polygon, closed by itself. */
export interface PolygonShape {
  /** Its corners. */
  polygon: Points;
  /** More outlines: by the rule `'evenodd'` what they enclose is left out. */
  holes?: readonly Points[];
  /** What counts as inside where outlines cross. Default `'evenodd'`. */
  rule?: FillRule;
}

/** An ellipse. */
export interface EllipseShape {
  /** Centre and half axes in pixels, or as a text. */
  ellipse: readonly [x: number, y: number, rx: number, ry: number] | string;
  /** Degrees that it is turned by, clockwise. Default 0. */
  angle?: number;
}

/** A line as a round brush draws it; a single point is a dab. */
export interface StrokeShape {
  /** Where the brush goes. */
  stroke: Points;
  /** The brush's diameter in pixels. */
  width: number;
}

/** What SVG path data encloses, or with `width` the line along it. */
export interface PathShape {
  /** The `d` of an SVG path, in pixels of the photo. */
  path: string;
  /** What counts as inside where outlines cross. Default `'nonzero'`, as in SVG. */
  rule?: FillRule;
  /** The brush's diameter in pixels, for the line alone. */
  width?: number;
}

/** A drawing: the text of an SVG file, which is laid over the whole photo. */
export interface SvgShape {
  /** The file's text. */
  svg: string;
}

/**
 * A mask in runs, as COCO and pycocotools have it: how many pixels are 0, then how many are 1, and so on, down the first column, then down the
 * second. `counts` is a list of them, or pycocotools' short text.
 */
export interface RleShape {
  /** Height and width, in this order. */
  size: readonly [height: number, width: number];
  /** How many pixels each run has. */
  counts: ArrayLike<number> | string;
}

/** An annotation of a COCO data set: its `segmentation` is the shape, or its `bbox` where it has none. */
export interface CocoAnnotation {
  /** Polygons, each x, y, x, y, ...; or runs. */
  segmentation?: readonly ArrayLike<number>[] | RleShape;
  /** x, y, width, height in pixels. */
  bbox?: readonly number[];
  /** Which picture it belongs to. */
  image_id?: string | number;
}

/** A picture of a COCO data set. */
export interface CocoImage {
  /** What annotations name it by. */
  id: string | number;
  /** The file's name. */
  file_name?: string;
  /** The width that its annotations are for, in pixels. */
  width?: number;
  /** The height that they are for. */
  height?: number;
}

/** A COCO data set: all annotations of one picture are shapes of its mask. */
export interface CocoDataset {
  /** What the annotations belong to. */
  annotations: readonly CocoAnnotation[];
  /** The pictures, and the sizes that the annotations are for. */
  images?: readonly CocoImage[];
}

/** One shape of a mask. A text is a box: `'10,20,30%,40%'`. */
export type Shape = string | BoxShape | PolygonShape | EllipseShape | StrokeShape | PathShape | SvgShape | RleShape | CocoAnnotation | CocoDataset;

/** Shapes of a mask: what any of them covers is hole. */
export type Shapes = Shape | readonly Shape[];

/** A mask as shapes, for those who learn the photo's size only later. It is plain data: it can be sent to a worker, or kept as JSON. */
export interface MaskShapes {
  /** What is hole. */
  shapes: Shapes;
  /** Whole pixels that it is widened by. Default 0. */
  grow?: number;
  /** Whole pixels across which its edge falls off, outside it. Default 0: a hard edge. */
  soft?: number;
  /** Stretches what was drawn for another size: an SVG of other proportions, runs, a data set's polygons. Default false: it is refused. */
  fit?: boolean;
  /** Of a data set, the picture whose annotations count: its `file_name` or `id`. */
  image?: string | number;
}

/** Whether a mask is given as shapes. */
export const isMaskShapes = (mask: unknown): mask is MaskShapes => typeof mask === 'object' && mask !== null && 'shapes' in mask;
