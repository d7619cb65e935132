export { withoutClaims } from './claims';
export { extendedXmpGuid, joinedXmp, splitXmp, withoutExtendedXmp, withoutXmpPadding } from './extended';
export { resetXmpOrientation } from './orientation';
export { extensionParts, isExtensionPart, joinedExtension } from './segments';
