// What scripts say to people. The Japanese sentence is the key; words-en.js brings English for pages in English.
export function t(sentence, values = {}) {
  const found = globalThis.portalWords?.[sentence] ?? sentence;
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
