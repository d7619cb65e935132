/** A copy of the XMP packet with `tiff:Orientation` set to 1, the packet's length unchanged. */
export function resetXmpOrientation(xmp: Uint8Array): Uint8Array {
  const packet = new Uint8Array(xmp);
  // One character for each byte, so that places in the text are places in the packet.
  const text = new TextDecoder('latin1').decode(packet);
  for (const { index, 0: found } of text.matchAll(/tiff:Orientation\s*(?:=\s*["']|>)\s*[2-8]/g)) packet[index + found.length - 1] = 0x31;
  return packet;
}
