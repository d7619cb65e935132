import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import * as root from '../src/index';
import * as layers from '../src/layers/index';
import * as initializers from '../src/layers/initializers';
import * as picture from '../src/picture';

const names = Object.keys(root);

it('the root has no initializers: TensorFlow.js has others of the same names', () => {
  const makers = ['identity', 'kaiming', 'normal', 'ones', 'truncatedNormal', 'zeros'];
  expect(makers.filter((name) => name in initializers && name in layers)).toEqual(makers);
  expect(names.filter((name) => makers.includes(name))).toEqual([]);
});

it('the root has all layers, and what names, counts and makes their weights', () => {
  const classes = Object.keys(layers).filter((name) => /^[A-Z]/.test(name));
  expect(classes.length).toBeGreaterThan(8);
  expect(names).toEqual(expect.arrayContaining([...classes, 'countParameters', 'initialWeights', 'weightsOf']));
});

it("of a Picture's helpers the root has what reads one, and no checks", () => {
  expect(names.filter((name) => name in picture).sort()).toEqual(['channelMaximum', 'colourChannels', 'hasAlpha']);
  expect(names.filter((name) => /^check[A-Z]/.test(name))).toEqual([]);
});

it('what TensorFlow.js has by the same name is the same operation', () => {
  expect(names.filter((name) => name in tf).sort()).toEqual(['batchNorm', 'conv2d', 'dropout', 'leakyRelu']);
});
