// Paste and drop keep paragraphs, breaks and emphasis. Everything else is left behind.
import { Fragment, Slice } from "prosemirror-model";
import { schema } from "./schema.js";

const { paragraph, hard_break } = schema.nodes;

function paragraphOf(text, marks) {
  const inline = [];
  text.split("\n").forEach((row, index) => {
    if (index) inline.push(hard_break.create());
    if (row) inline.push(schema.text(row, marks));
  });
  return paragraph.create(null, inline);
}

// Plain text: a blank line parts paragraphs, a single newline stays a break.
function fromText(text, $context) {
  const paragraphs = text
    .replace(/\r\n?/g, "\n")
    .replace(/^\n+|\n+$/g, "")
    .split(/\n[^\S\n]*\n\s*/)
    .map((part) => paragraphOf(part, $context.marks()));
  return Slice.maxOpen(Fragment.from(paragraphs));
}

// A strict Content-Security-Policy reports inline style and script even in a detached document,
// and drops them; under another name the schema can still read bold and italic from the style.
const withoutInline = (html) =>
  html
    .replace(/<style[\s\S]*?<\/style\s*>/gi, "")
    // An empty line between paragraphs, as Docs and mail write it: the letter leaves room anyway.
    .replace(/<(p|div)\b[^>]*>\s*<br\b[^>]*>\s*<\/\1>/gi, "")
    .replace(/(<\/(?:p|ul|ol|div|b|h\d)>)(?:\s*<br\b[^>]*>)+(?=\s*(?:<(?:p|ul|ol|div|h\d)\b|$))/gi, "$1")
    .replace(/<[^>]+>/g, (tag) =>
      tag
        .replace(/(\s)style(\s*=)/gi, "$1data-look$2")
        .replace(/(\s)on(\w+\s*=)/gi, "$1data-on-$2"),
    );

const onlyFiles = (transfer) =>
  !!transfer?.files.length && !transfer.types.some((type) => type.startsWith("text/"));

export const pasting = {
  clipboardTextParser: fromText,
  transformPastedHTML: withoutInline,
  handlePaste: (_view, event) => onlyFiles(event.clipboardData),
  handleDOMEvents: {
    // A dropped file would make the browser leave the letter and open it.
    drop(_view, event) {
      if (!event.dataTransfer?.files.length) return false;
      event.preventDefault();
      return true;
    },
  },
};
