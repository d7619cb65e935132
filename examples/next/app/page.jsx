'use client';

import { useEffect, useRef, useState } from 'react';
import { useAddress, useInpainter } from './use-inpainter';

export default function Page() {
  const { inpainter, backend } = useInpainter();
  const [photo, setPhoto] = useState();
  const [box, setBox] = useState('60%,45%,15%,15%');
  const [result, setResult] = useState();
  const [said, setSaid] = useState('');
  const running = useRef();
  const [before, after] = [useAddress(photo), useAddress(result)];
  // Whoever leaves the page in the middle of a fill wants none of it.
  useEffect(() => () => running.current?.abort(), []);

  async function fill(event) {
    event.preventDefault();
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    try {
      // What is to go, as data: a box in per cent or pixels, drawn in the worker for the photo's size.
      const onProgress = ({ stage }) => setSaid(stage);
      setResult(await inpainter.inpaint(photo, { shapes: box }, { output: 'blob', signal: controller.signal, onProgress }));
      setSaid('Done');
    } catch (error) {
      if (error.code !== 'aborted') setSaid(error.message);
    }
  }

  return (
    <main>
      <h1>Filling, with Next</h1>
      <form onSubmit={fill}>
        <label>
          Photo <input type="file" id="file" accept="image/*" onChange={({ target }) => setPhoto(target.files[0])} />
        </label>{' '}
        <label>
          What is to go (left, top, width, height) <input id="box" value={box} onChange={({ target }) => setBox(target.value)} />
        </label>{' '}
        <button type="submit" id="fill" disabled={!photo || !inpainter}>
          Fill
        </button>{' '}
        <output id="said">{said}</output> <span id="engine">{backend && `on ${backend}`}</span>
      </form>
      {before && (
        // biome-ignore lint/performance/noImgElement: it never was on a server that could make it smaller
        <img src={before} alt="Before" style={{ maxWidth: '49%' }} />
      )}{' '}
      {after && (
        // biome-ignore lint/performance/noImgElement: likewise
        <img id="result" src={after} alt="After" style={{ maxWidth: '49%' }} />
      )}
    </main>
  );
}
