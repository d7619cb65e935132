// From a CDN, with no copy of the package on the server, this would be
// https://cdn.jsdelivr.net/npm/cra-inpaint@0.1.0/dist/standalone/cra-inpaint.js
import { createInpainter, encodePicture, fitMask, InpaintError, readMask, toImageData } from './cra-inpaint/cra-inpaint.js';

const LONG_SIDE = 1600; // of the canvases, in pixels; the photo is filled in its own size
const STAGES = {
  plan: 'Looking at the hole',
  'low-resolution': 'Looking at its surroundings',
  fill: 'Filling in',
  detail: 'Bringing back detail',
  composite: 'Blending in',
};
const WORDS = {
  aborted: 'Cancelled. What you painted is still there.',
  format: 'This browser cannot read that kind of picture. Try a JPEG, PNG or WebP file.',
  damaged: 'The picture file is damaged or cut short.',
  'file-read': 'The file could not be read. Choose it again.',
  'pixel-limit': 'The picture is too large for this browser.',
  'mask-full': 'The whole picture is painted over, so there is nothing to fill it from.',
  'out-of-memory': 'The memory ran out. Close other pages, or try a smaller photo.',
};

const ids = ['stage', 'shown', 'brush', 'file', 'size', 'clear', 'fill', 'cancel', 'download', 'bar', 'said', 'engine'];
const [stage, shown, brush, input, size, clear, fill, cancel, download, bar, said, engine] = ids.map((id) => document.getElementById(id));
const pen = brush.getContext('2d');

/** The photo: the file that was chosen, after a fill a Picture, which loses nothing when it is filled again. */
let photo;
let name = '';
let [width, height] = [0, 0];
let painted = false;
let filled = false;
/** Stops the fill that is under way. */
let running;

const inpainter = createInpainter({
  onBackend: ({ backend, reason }) => {
    engine.textContent = `Computing on ${backend}`;
    engine.title = reason;
  },
});

function update() {
  input.disabled = Boolean(running);
  clear.disabled = fill.disabled = !painted || Boolean(running);
  cancel.disabled = !running;
  download.disabled = !filled || Boolean(running);
  bar.hidden = !running;
}

function complain(error) {
  const known = error instanceof InpaintError && WORDS[error.code];
  if (!known) console.error(error);
  said.textContent = known || `That did not work: ${error.message}`;
}

/** Draws the photo, on canvases that any browser has room for, and wipes the paint off. */
async function show(picture) {
  const bitmap = await createImageBitmap(picture instanceof Blob ? picture : toImageData(picture));
  [width, height] = [bitmap.width, bitmap.height];
  const scale = Math.min(1, LONG_SIDE / Math.max(width, height));
  for (const canvas of [shown, brush]) {
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
  }
  const context = shown.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, shown.width, shown.height);
  bitmap.close();
  painted = false;
}

async function open(file) {
  if (!file || running) return;
  try {
    await show(file);
    [photo, name, filled] = [file, file.name.replace(/\.\w+$/, ''), false];
    stage.classList.add('open');
    said.textContent = `${width} × ${height} pixels. Paint over what is to go, and a little more.`;
  } catch {
    said.textContent = WORDS.format;
  }
  update();
}

async function run() {
  running = new AbortController();
  bar.removeAttribute('value');
  said.textContent = 'Getting ready';
  update();
  try {
    const mask = fitMask(await readMask(brush), width, height);
    const onProgress = ({ stage, done, total }) => {
      said.textContent = STAGES[stage];
      bar.value = Math.max(bar.value, (Object.keys(STAGES).indexOf(stage) + done / total) / 5);
    };
    photo = await inpainter.inpaint(photo, mask, { signal: running.signal, onProgress });
    await show(photo);
    filled = true;
    said.textContent = 'Done. Paint again where it should be better, or download it.';
  } catch (error) {
    complain(error);
  }
  running = undefined;
  update();
}

async function save() {
  // Browsers write these two and PNG.
  const format = ['jpeg', 'webp'].find((each) => each === photo.metadata?.format) ?? 'png';
  try {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await encodePicture(photo, { format }));
    link.download = `${name}-filled.${format === 'jpeg' ? 'jpg' : format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    complain(error);
  }
}

/** Where the brush was last, while it is down. */
let last;
function paint({ clientX, clientY }) {
  const box = brush.getBoundingClientRect();
  const scale = brush.width / box.width;
  const here = [(clientX - box.left) * scale, (clientY - box.top) * scale];
  // The hole is whatever is not nearly black, so the paint may have a colour.
  Object.assign(pen, { strokeStyle: '#ff5c8a', lineWidth: size.valueAsNumber * scale, lineCap: 'round' });
  pen.beginPath();
  pen.moveTo(...(last ?? here));
  pen.lineTo(...here);
  pen.stroke();
  last = here;
  painted = true;
}
brush.addEventListener('pointerdown', (event) => {
  if (!photo || running || event.button !== 0) return;
  brush.setPointerCapture(event.pointerId);
  paint(event);
});
brush.addEventListener('pointermove', (event) => last && paint(event));
brush.addEventListener('lostpointercapture', () => {
  last = undefined;
  update();
});

input.addEventListener('change', async () => {
  await open(input.files[0]);
  input.value = ''; // so that the same file may be chosen again, to start over
});
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  event.preventDefault();
  open(event.dataTransfer.files[0]);
});
fill.addEventListener('click', run);
cancel.addEventListener('click', () => running?.abort());
clear.addEventListener('click', () => {
  pen.clearRect(0, 0, brush.width, brush.height);
  painted = false;
  update();
});
download.addEventListener('click', save);
