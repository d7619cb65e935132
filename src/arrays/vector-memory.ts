import { code } from './vector-code';

/** What assembly/index.ts exports, where each is explained. Addresses are in bytes. */
export interface VectorFunctions {
  searchPatches(
    picture: number,
    height: number,
    width: number,
    channels: number,
    patchSize: number,
    queries: number,
    queryCount: number,
    isQuery: number,
    sources: number,
    sourceCount: number,
    isSource: number,
    offsets: number,
    distances: number,
    iterations: number,
    radius: number,
    rowPenalty: number,
    columnPenalty: number,
    seed: number,
  ): void;
  peelTurn(
    rest: number,
    count: number,
    share: number,
    priorities: number,
    front: number,
    features: number,
    height: number,
    width: number,
    channels: number,
    patchSize: number,
    known: number,
    hole: number,
    isSource: number,
    sources: number,
    sourceCount: number,
    offsets: number,
    entries: number,
    tries: number,
    rowPenalty: number,
    columnPenalty: number,
    used: number,
    prices: number,
  ): number;
  bestOffsets(queries: number, offsets: number, distances: number, height: number, width: number, patchSize: number, distance: number, out: number): void;
  layEquations(
    colours: number,
    hole: number,
    barred: number,
    texture: number,
    offsets: number,
    height: number,
    width: number,
    places: number,
    count: number,
    leastHold: number,
    hold: number,
    step: number,
    stepToBarred: number,
    factor: number,
    picture: number,
    wanted: number,
    ties: number,
    shares: number,
  ): void;
  layBlended(picture: number, places: number, count: number, colours: number): void;
  relax(colours: number, width: number, places: number, count: number, wanted: number, ties: number, shares: number, factor: number): number;
  seed(value: number): void;
  sharesAlike(
    features: number,
    width: number,
    places: number,
    count: number,
    patchSize: number,
    samples: number,
    likeness: number,
    shares: number,
    room: number,
  ): void;
  reusePrices(
    features: number,
    width: number,
    places: number,
    count: number,
    patchSize: number,
    shares: number,
    usual: number,
    seldom: number,
    least: number,
    most: number,
    none: number,
    all: number,
    reuse: number,
    prices: number,
    pixels: number,
  ): void;
  beside(first: number, a: number, second: number, b: number, pixels: number, out: number): void;
  edgeField(
    colours: number,
    hole: number,
    height: number,
    width: number,
    taps: number,
    nearest: number,
    rim: number,
    farthest: number,
    coherence: number,
    away: number,
    soft: number,
    slopes: number,
    room: number,
  ): number;
  texture(colours: number, hole: number, height: number, width: number, radius: number, weight: number, out: number, room: number): void;
  meanColours(
    features: number,
    barred: number,
    height: number,
    width: number,
    channels: number,
    radius: number,
    weight: number,
    out: number,
    room: number,
  ): void;
  patchCentres(hole: number, barred: number, height: number, width: number, patchSize: number, sources: number, queries: number, room: number): number;
  depths(hole: number, height: number, width: number, depth: number, room: number): number;
  findStrangers(
    colours: number,
    hole: number,
    height: number,
    width: number,
    ring: number,
    bins: number,
    share: number,
    counts: number,
    out: number,
    room: number,
  ): void;
  leaveOut(sources: number, strange: number, height: number, width: number, patchSize: number, most: number, room: number): number;
  halve(
    features: number,
    hole: number,
    barred: number,
    strange: number,
    height: number,
    width: number,
    channels: number,
    small: number,
    smallHole: number,
    smallBarred: number,
    smallStrange: number,
  ): void;
  squaredDistances(marked: number, height: number, width: number, out: number, room: number): void;
  votePatches(
    features: number,
    height: number,
    width: number,
    channels: number,
    patchSize: number,
    places: number,
    count: number,
    offsets: number,
    weights: number,
    out: number,
  ): void;
  blank(values: number, weights: number, pixels: number, channels: number, size: number, alpha: boolean): void;
  addBytes(rows: number, stride: number, count: number, length: number, sums: number): void;
  addWords(rows: number, stride: number, count: number, length: number, sums: number): void;
  shareOut(
    sums: number,
    known: number,
    channels: number,
    ends: number,
    shares: number,
    cells: number,
    upper: number,
    upperRow: number,
    lower: number,
    lowerRow: number,
  ): void;
  toBytes(row: number, cells: number, least: number, scale: number, colours: number, hole: number): void;
  alignIn(colours: number, marks: number, height: number, width: number): void;
  alignField(top: number, left: number, rows: number, columns: number, offsets: number, covered: number, estimate: number, seed: number): void;
  align(list: number, count: number, backwards: boolean): void;
  weigh(out: number, from: number, stride: number, taps: number, weights: number, count: number): void;
}

type Values = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array;

// What the compiler may keep for itself; whole vectors start at multiples of 16 bytes, and may be read to their end.
const FIRST = 1024;
const ALIGNED = 16;

// Memory beyond this is not kept for the next one.
const MOST_KEPT = 32 * 2 ** 20;

/** The compiled loops, over a memory of their own in which arrays lie one after the other. */
export class VectorMemory {
  readonly functions: VectorFunctions;
  private readonly memory: WebAssembly.Memory;
  private next = FIRST;
  // Where others have written before.
  private used = FIRST;

  private constructor(bytes: number) {
    compiled ??= new WebAssembly.Module(Uint8Array.from(code.match(/../g)!, (byte) => Number.parseInt(byte, 16)));
    this.memory = new WebAssembly.Memory({ initial: pages(FIRST + bytes) });
    // In an object of ours: that of the exports is of a kind of its own for each instance, and what is compiled for one is thrown away at the next.
    this.functions = { ...(new WebAssembly.Instance(compiled, { env: { memory: this.memory } }).exports as unknown as VectorFunctions) };
  }

  /**
   * None where WebAssembly is not allowed, has no vectors, or gets no memory.
   *
   * @param blocks the bytes of each array that will be laid in. For those there is room from the start; the memory grows for others,
   * which may fail halfway.
   */
  static open(...blocks: number[]): VectorMemory | undefined {
    return VectorMemory.openFor(blocks);
  }

  private static openFor(blocks: readonly number[]): VectorMemory | undefined {
    if (typeof WebAssembly === 'undefined') return undefined;
    try {
      const bytes = blocks.reduce((sum, bytes) => sum + aligned(bytes), 0);
      const memory = spare?.deref();
      spare = undefined;
      memory?.growTo(FIRST + bytes);
      return memory ?? new VectorMemory(bytes);
    } catch {
      return undefined;
    }
  }

  /**
   * What compiled loops make of copies of arrays, in rooms of so many bytes, in which anything may stand: all of them are told by their
   * addresses. None where there is no memory. What is returned must be no view of it.
   */
  static over<T>(arrays: readonly Values[], rooms: readonly number[], make: (memory: VectorMemory, arrays: number[], rooms: number[]) => T): T | undefined {
    const memory = VectorMemory.openFor([...arrays.map(({ byteLength }) => byteLength), ...rooms]);
    if (!memory) return undefined;
    const made = make(
      memory,
      arrays.map((values) => memory.place(values)),
      rooms.map((bytes) => memory.room(bytes)),
    );
    memory.close();
    return made;
  }

  /** Leaves the memory to the next who opens one: what was read from it by {@link floats} and the like is no longer good. */
  close(): void {
    this.clear();
    if (this.memory.buffer.byteLength <= MOST_KEPT) spare = new WeakRef(this);
  }

  /** Makes room, of zeros, and returns its address. */
  reserve(bytes: number): number {
    const address = this.room(bytes);
    if (address < this.used) new Uint8Array(this.memory.buffer, address, aligned(bytes)).fill(0);
    return address;
  }

  /** Makes room for what will be written as a whole, and returns its address. */
  room(bytes: number): number {
    const address = this.next;
    this.next += aligned(bytes);
    this.growTo(this.next);
    return address;
  }

  /** Forgets all arrays, so that others may lie where they lay. */
  clear(): void {
    this.used = Math.max(this.used, this.next);
    this.next = FIRST;
  }

  /** Copies an array in and returns its address. */
  place(values: Values): number {
    const address = this.room(values.byteLength);
    new Uint8Array(this.memory.buffer).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
    return address;
  }

  private growTo(bytes: number): void {
    const missing = pages(bytes) - pages(this.memory.buffer.byteLength);
    if (missing > 0) this.memory.grow(missing);
  }

  /** Values in the memory itself; good until more room is made. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /** As {@link floats}. */
  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  /** As {@link floats}. */
  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  /** As {@link floats}. */
  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length);
  }
}

let compiled: WebAssembly.Module | undefined;
// Memory that was used before is written much sooner than new memory, whose pages the system has yet to find. One is enough for a thread,
// and it may be collected like any garbage: nobody has to say when the last fill is done.
let spare: WeakRef<VectorMemory> | undefined;

// A vector more than the bytes need: an array's last values may be read as a whole one.
const aligned = (bytes: number) => Math.ceil(bytes / ALIGNED + 1) * ALIGNED;
const pages = (bytes: number) => Math.ceil(bytes / 65536);
