// What the scripts find in a page beside what browsers know: elements of our own, events, fields
// that they name, and htmx, which is a script of its own.

/** What htmx 4 knows of one request. */
interface HtmxContext {
  sourceElement: HTMLElement;
  request: { method: string; form?: HTMLFormElement };
  response: { raw: Response };
}

type HtmxEvent = CustomEvent<{ ctx: HtmxContext }> & { target: Element };

interface Window {
  /** Not on the page of a letter. */
  htmx?: { config: { noSwap: (number | string)[]; morphIgnore: string[] } };
}

interface DocumentEventMap {
  "htmx:before:request": HtmxEvent;
  "htmx:before:response": HtmxEvent;
  "htmx:before:swap": HtmxEvent;
  "htmx:after:swap": HtmxEvent;
  "htmx:finally:request": HtmxEvent;
  "htmx:error": CustomEvent<{ ctx?: Partial<HtmxContext> }>;
  "insert-line": CustomEvent<{ text: string }>;
}

interface HTMLElementTagNameMap {
  "auto-save": import("./autosave.js").AutoSave;
}

/** Fields that scripts know by name. */
interface HTMLFormControlsCollection {
  revision: HTMLInputElement;
  tab_id: HTMLInputElement;
  text: HTMLInputElement;
}

// All that is asked for in these pages is HTML.
interface ParentNode {
  querySelector<K extends keyof HTMLElementTagNameMap>(
    selectors: K,
  ): HTMLElementTagNameMap[K] | null;
  querySelector<E extends Element = HTMLElement>(selectors: string): E | null;
  querySelectorAll<K extends keyof HTMLElementTagNameMap>(
    selectors: K,
  ): NodeListOf<HTMLElementTagNameMap[K]>;
  querySelectorAll<E extends Element = HTMLElement>(selectors: string): NodeListOf<E>;
}

interface Element {
  closest<K extends keyof HTMLElementTagNameMap>(selector: K): HTMLElementTagNameMap[K] | null;
  closest<E extends Element = HTMLElement>(selectors: string): E | null;
}
