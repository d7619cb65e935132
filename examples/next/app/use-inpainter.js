import { createInpainter } from 'cra-inpaint/browser';
import { useEffect, useState } from 'react';

/**
 * An inpainter that lives as long as the component. It is started and ended by the same effect: in development, StrictMode mounts a component,
 * unmounts it and mounts it again, and one that was kept across that, in a ref for instance, would be used after it was disposed of.
 */
export function useInpainter() {
  const [inpainter, setInpainter] = useState();
  const [backend, setBackend] = useState();
  useEffect(() => {
    const started = createInpainter({ onBackend: ({ backend }) => setBackend(backend) });
    setInpainter(started);
    return () => {
      setInpainter(undefined);
      started.dispose();
    };
  }, []);
  return { inpainter, backend };
}

/** An address for a file, given back when there is another. */
export function useAddress(file) {
  const [address, setAddress] = useState();
  useEffect(() => {
    if (!file) return;
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
