// The words on the screen live in the page's <template data-words>, where gettext reaches them.
/**
 * @typedef {(word: string, values?: Record<string, unknown>) => string} Words
 * @returns {Words}
 */
export function readWords() {
  /** @type {Map<string | undefined, string>} */
  const words = new Map();
  /** @type {NodeListOf<HTMLTemplateElement>} */
  const templates = document.querySelectorAll("template[data-words]");
  for (const { content } of templates) {
    for (const element of content.querySelectorAll("[data-word]")) {
      words.set(element.dataset.word, element.textContent.trim());
    }
  }
  return (word, values = {}) =>
    (words.get(word) ?? "").replace(/\{(\w+)\}/g, (whole, name) => /** @type {string} */ (values[name] ?? whole));
}
