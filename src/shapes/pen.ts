import { type Affine, IDENTITY } from './affine';
import { type Budget, coordinate } from './fault';

/** A part of a drawing that is drawn without lifting the pen: x, y, x, y, ... in pixels. */
export interface Line {
  points: Float64Array;
  closed: boolean;
}

// A curve's chords are no further from it, in pixels.
const TOLERANCE = 1 / 64;

/** Draws lines and curves, in units of its own that `affine` brings to pixels of the photo. Curves become chords. */
export class Pen {
  readonly lines: Line[] = [];
  #points = new Float64Array(64);
  #length = 0;
  /** Where the pen is, and where it was set down. */
  x = 0;
  y = 0;
  #startX = 0;
  #startY = 0;

  constructor(
    private readonly place: string,
    private readonly budget: Budget,
    private readonly affine: Affine = IDENTITY,
  ) {}

  /** The outlines that the lines make up, each closed. */
  get rings(): Float64Array[] {
    return this.lines.map(({ points }) => points);
  }

  moveTo(x: number, y: number): void {
    this.end();
    [this.x, this.y] = [this.#startX, this.#startY] = [x, y];
  }

  lineTo(x: number, y: number): void {
    this.#begin();
    this.#add(x, y);
  }

  quadraticTo(x1: number, y1: number, x: number, y: number): void {
    const [x0, y0] = [this.x, this.y];
    this.cubicTo(x0 + (2 / 3) * (x1 - x0), y0 + (2 / 3) * (y1 - y0), x + (2 / 3) * (x1 - x), y + (2 / 3) * (y1 - y), x, y);
  }

  /**
   * By chords of equal steps of the parameter, as many as Wang's formula asks for: the square root of 6 m / (8 tolerance), m being the
   * largest second difference of the control points, in pixels.
   */
  cubicTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): void {
    this.#begin();
    const [x0, y0] = [this.x, this.y];
    const [a, b, c, d] = this.affine;
    const bend = (dx: number, dy: number) => Math.hypot(a * dx + c * dy, b * dx + d * dy);
    const most = Math.max(bend(x0 - 2 * x1 + x2, y0 - 2 * y1 + y2), bend(x1 - 2 * x2 + x, y1 - 2 * y2 + y));
    const steps = Math.max(1, Math.ceil(Math.sqrt((6 * most) / (8 * TOLERANCE))));
    for (let n = 1; n < steps; n++) {
      const t = n / steps;
      const [w0, w1, w2, w3] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
      this.#add(w0 * x0 + w1 * x1 + w2 * x2 + w3 * x, w0 * y0 + w1 * y1 + w2 * y2 + w3 * y);
    }
    this.#add(x, y);
  }

  /**
   * An arc of an ellipse that is turned by `angle` degrees, to a point: SVG's own rules, radii that are too small enlarged.
   * Source: SVG 2, implementation notes B.2.4 and B.2.5.
   */
  arcTo(radiusX: number, radiusY: number, angle: number, large: boolean, sweep: boolean, x: number, y: number): void {
    let [rx, ry] = [Math.abs(coordinate(radiusX, this.place)), Math.abs(coordinate(radiusY, this.place))];
    const [x0, y0] = [this.x, this.y];
    if (x === x0 && y === y0) return;
    if (rx === 0 || ry === 0) {
      this.lineTo(x, y);
      return;
    }
    this.#begin();
    const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
    const [halfX, halfY] = [(x0 - x) / 2, (y0 - y) / 2];
    const [u, v] = [cos * halfX + sin * halfY, cos * halfY - sin * halfX];
    const enlarge = Math.max(1, Math.hypot(u / rx, v / ry));
    [rx, ry] = [rx * enlarge, ry * enlarge];
    const away = (u / rx) ** 2 + (v / ry) ** 2;
    const factor = Math.sqrt(Math.max(0, 1 / away - 1)) * (large === sweep ? -1 : 1);
    const [centreU, centreV] = [(factor * rx * v) / ry, (-factor * ry * u) / rx];
    const [centreX, centreY] = [cos * centreU - sin * centreV + (x0 + x) / 2, sin * centreU + cos * centreV + (y0 + y) / 2];
    const from = Math.atan2((v - centreV) / ry, (u - centreU) / rx);
    const to = Math.atan2((-v - centreV) / ry, (-u - centreU) / rx);
    const turn = to - from + (sweep ? (to < from ? 2 * Math.PI : 0) : to > from ? -2 * Math.PI : 0);
    const [a, b, c, d] = this.affine;
    const radius = Math.max(rx, ry) * Math.hypot(a, b, c, d);
    // The middle of a chord over an angle lies radius (1 - cos(angle / 2)) from its arc.
    const steps = Math.max(1, Math.ceil(Math.abs(turn) * Math.sqrt(radius / (8 * TOLERANCE))));
    for (let n = 1; n < steps; n++) {
      const [p, q] = [rx * Math.cos(from + (turn * n) / steps), ry * Math.sin(from + (turn * n) / steps)];
      this.#add(cos * p - sin * q + centreX, sin * p + cos * q + centreY);
    }
    this.#add(x, y);
  }

  close(): void {
    this.#begin();
    this.end(true);
    [this.x, this.y] = [this.#startX, this.#startY];
  }

  /** Lifts the pen; a point that nothing was drawn from is forgotten. */
  end(closed = false): void {
    if (this.#length > 0) this.lines.push({ points: this.#points.slice(0, this.#length), closed });
    this.#length = 0;
  }

  #begin(): void {
    if (this.#length > 0) return;
    [this.#startX, this.#startY] = [this.x, this.y];
    this.#add(this.x, this.y);
  }

  #add(x: number, y: number): void {
    this.budget.takePoints(1, this.place);
    if (this.#length + 2 > this.#points.length) {
      const larger = new Float64Array(2 * this.#points.length);
      larger.set(this.#points);
      this.#points = larger;
    }
    const [a, b, c, d, e, f] = this.affine;
    this.#points[this.#length++] = coordinate(a * x + c * y + e, this.place);
    this.#points[this.#length++] = coordinate(b * x + d * y + f, this.place);
    [this.x, this.y] = [x, y];
  }
}
