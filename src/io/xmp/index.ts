export { withoutClaims } from './claims';
export { extendedXmpGuid, joinedXmp, splitXmp, withoutExtendedXmp, withoutXmpPadding } from './extended';
export { xmpWithoutLocation } from './location';
export { resetXmpOrientation } from './orientation';
export { extensionParts, isExtensionPart, joinedExtension } from './segments';
