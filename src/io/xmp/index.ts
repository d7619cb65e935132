export { resetXmpOrientation } from './orientation';
