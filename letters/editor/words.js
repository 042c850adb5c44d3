// The words on the screen live in the page's <template data-words>, where gettext reaches them.
export function readWords() {
  const words = new Map();
  for (const { content } of document.querySelectorAll("template[data-words]")) {
    for (const element of content.querySelectorAll("[data-word]")) {
      words.set(element.dataset.word, element.textContent.trim());
    }
  }
  return (word, values = {}) =>
    (words.get(word) ?? "").replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
