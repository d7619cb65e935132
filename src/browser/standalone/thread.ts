// What the threads of the worker's run. No TensorFlow.js in it.
import '../../cra/inpaint-thread';
