import { InpaintError, type Progress } from 'cra-inpaint';
import { createInpainter, fitMask, type Inpainter, readMask } from 'cra-inpaint/browser';
import { Brush } from './brush';
import { FrameMeter } from './frames';
import './style.css';

const LONG_SIDE = 1600; // of the canvases, in pixels; the photo is filled in its own size
const STAGES = ['plan', 'low-resolution', 'fill', 'detail', 'composite'];

const element = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;
const [shown, file, size] = [element<HTMLCanvasElement>('shown'), element<HTMLInputElement>('file'), element<HTMLInputElement>('size')];
const [fill, cancel, dispose] = [element<HTMLButtonElement>('fill'), element<HTMLButtonElement>('cancel'), element<HTMLButtonElement>('dispose')];
const [who, bar, save] = [element<HTMLSelectElement>('who'), element<HTMLProgressElement>('bar'), element<HTMLButtonElement>('save')];
const [said, engine] = [element('said'), element('engine')];

let photo: Blob | undefined;
let [width, height] = [0, 0];
let inpainter: Inpainter | undefined;
let running: AbortController | undefined;
const meter = new FrameMeter(element('dot'));
const brush = new Brush(element<HTMLCanvasElement>('brush'), () => size.valueAsNumber, update);

function update(): void {
  brush.enabled = photo !== undefined && !running;
  fill.disabled = !brush.painted || running !== undefined;
  file.disabled = who.disabled = running !== undefined;
  cancel.disabled = !running;
  dispose.disabled = !inpainter;
  bar.hidden = !running;
}

/** The worker that was chosen. It is started once, and kept for further pictures. */
function start(): Inpainter {
  const onBackend = ({ backend, reason }: { backend: string; reason: string }) => {
    engine.textContent = `Worker: ${who.selectedOptions[0].text}, on ${backend}`;
    engine.title = reason;
  };
  if (who.value === 'exemplar') return createInpainter({ onBackend });
  return createInpainter({
    generator: { name: 'smooth' },
    worker: () => new Worker(new URL('./smooth.worker.ts', import.meta.url), { type: 'module' }),
    onBackend,
  });
}

/** Ends the worker, and with it all that it holds. A fill under way ends by an AbortError. */
async function stop(): Promise<void> {
  await inpainter?.dispose();
  inpainter = undefined;
  engine.textContent = 'No worker is running';
  update();
}

/** Draws the photo, on canvases that any browser has room for, and wipes the paint off. */
async function show(picture: Blob): Promise<void> {
  const bitmap = await createImageBitmap(picture);
  [width, height] = [bitmap.width, bitmap.height];
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  for (const canvas of [shown, brush.canvas]) {
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
  }
  shown.getContext('2d')!.drawImage(bitmap, 0, 0, shown.width, shown.height);
  bitmap.close();
  brush.clear();
  photo = picture;
}

async function run(): Promise<void> {
  running = new AbortController();
  bar.removeAttribute('value');
  said.textContent = 'Filling';
  update();
  meter.reset();
  const began = performance.now();
  try {
    const mask = fitMask(await readMask(brush.canvas), width, height);
    inpainter ??= start();
    update();
    const onProgress = ({ stage, done, total }: Progress) => {
      bar.value = Math.max(bar.value, (STAGES.indexOf(stage) + done / total) / STAGES.length);
    };
    // A smooth fill is to stay smooth. PNG, since the result may be filled again, and JPEG would lose a little each time.
    const detail = who.value !== 'smooth';
    const result = await inpainter.inpaint(photo!, mask, { output: 'blob', format: 'png', detail, signal: running.signal, onProgress });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    said.textContent = `Filled in ${seconds} s. The longest wait for a frame was ${meter.longestWait} ms.`;
    await show(result);
    save.hidden = false;
  } catch (error) {
    said.textContent = wordsFor(error);
  }
  running = undefined;
  update();
}

function download(): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(photo!);
  link.download = 'filled.png';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function wordsFor(error: unknown): string {
  if (!(error instanceof InpaintError)) console.error(error);
  const { code, message } = error as InpaintError;
  if (code === 'aborted') return `Cancelled. The longest wait for a frame was ${meter.longestWait} ms.`;
  if (code === 'mask-full') return 'The whole picture is painted over, so there is nothing to fill it from.';
  return `That did not work: ${message}`;
}

async function open(picture: File | undefined): Promise<void> {
  if (!picture || running) return;
  try {
    await show(picture);
    element('stage').classList.add('open');
    save.hidden = true;
    said.textContent = `${width} × ${height} pixels. Paint over what is to go, and a little more.`;
  } catch {
    said.textContent = 'This browser cannot read that file. Try a JPEG, PNG or WebP file.';
  }
  file.value = ''; // so that the same file may be chosen again, to start over
  update();
}

file.addEventListener('change', () => open(file.files?.[0]));
who.addEventListener('change', stop);
fill.addEventListener('click', run);
cancel.addEventListener('click', () => running?.abort());
dispose.addEventListener('click', stop);
save.addEventListener('click', download);
