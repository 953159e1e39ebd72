/** Loads a script that is no module; it leaves a global behind. */
export function script(src) {
  return new Promise((done, failed) => {
    const element = document.createElement('script');
    Object.assign(element, { src, onload: done, onerror: () => failed(new Error(`${src} does not load`)) });
    document.head.append(element);
  });
}
