// Paste and drop keep paragraphs, breaks and emphasis. Everything else is left behind, and what is
// nothing but that takes nothing away either.
import { Plugin } from "prosemirror-state";
import { Fragment, Slice } from "prosemirror-model";
import { schema } from "./schema.js";
import { plainSlice } from "./suggest/marks.js";
import { clean, cleanSlice } from "./text/clean.js";
import { inlineOf } from "./text/tokens.js";

/** @import { Node, ResolvedPos } from "prosemirror-model" */
/** @import { Words } from "./words.js" */

const { paragraph } = schema.nodes;
const { note } = schema.marks;

// Plain text: a blank line parts paragraphs, a single newline stays a break.
/** @type {(text: string, $context: ResolvedPos) => Slice} */
export function fromText(text, $context) {
  const paragraphs = text
    .replace(/\r\n?/g, "\n")
    .replace(/^\n+|\n+$/g, "")
    .split(/\n[^\S\n]*\n\s*/)
    .map((part) => paragraph.create(null, inlineOf(clean(part), $context.marks())));
  return Slice.maxOpen(Fragment.from(paragraphs));
}

// Mail and chats show an emoji as a picture with its sign for a name.
const EMOJI = /^(?=.*(?:\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3))[\p{Emoji}\p{Emoji_Component}\p{Extended_Pictographic}\s]+$/u;
/** @param {string} text */
const decode = (text) =>
  text.replace(/&#(?:x([\da-f]{1,6})|(\d{1,7}));/gi, (whole, hex, number) => {
    const point = hex ? parseInt(hex, 16) : Number(number);
    return point > 0x10ffff ? whole : String.fromCodePoint(point);
  });

/** @param {string} tag */
export function pictureWords(tag) {
  const alt = decode(/\salt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*))/i.exec(tag)?.slice(1).find((each) => each !== undefined) ?? "");
  return EMOJI.test(alt) ? alt : "";
}

const PICTURE = /<(?:img|picture|svg|video|canvas)\b[^>]*>/gi;
/** @type {(html: string) => boolean} */
export const hasPictures = (html) => (html.match(PICTURE) ?? []).some((tag) => !pictureWords(tag));

// A strict Content-Security-Policy reports inline style and script even in a detached document,
// and drops them; under another name the schema can still read bold and italic from the style.
/** @type {(html: string) => string} */
export const withoutInline = (html) =>
  html
    .replace(/<img\b[^>]*>/gi, pictureWords)
    // HTML takes some of what breaks a line elsewhere for a space.
    .replace(/[\v\f\u0085\u2028\u2029]/g, "<br>")
    // The cells of a row are words apart.
    .replace(/<\/t[dh]\s*>/gi, " $&")
    .replace(/<style[\s\S]*?<\/style\s*>/gi, "")
    // An empty line between paragraphs, as Docs and mail write it: the letter leaves room anyway.
    .replace(/<(p|div)\b[^>]*>\s*<br\b[^>]*>\s*<\/\1>/gi, "")
    .replace(/(<\/(?:p|ul|ol|div|b|h\d)>)(?:\s*<br\b[^>]*>)+(?=\s*(?:<(?:p|ul|ol|div|h\d)\b|$))/gi, "$1")
    .replace(/<[^>]+>/g, (tag) =>
      tag
        .replace(/(\s)style(\s*=)/gi, "$1data-look$2")
        .replace(/(\s)on(\w+\s*=)/gi, "$1data-on-$2"),
    );

/** @param {DataTransfer | null} transfer */
const onlyFiles = (transfer) =>
  !!transfer?.files.length && !transfer.types.some((type) => type.startsWith("text/"));

/** @param {Slice} slice */
const hasWords = (slice) => /\S/.test(slice.content.textBetween(0, slice.content.size, " "));

/** @type {(fragment: Fragment) => Fragment} */
const withoutNotes = (fragment) =>
  Fragment.fromArray(
    fragment.content.map((node) =>
      node.isInline
        ? node.mark(node.marks.filter(({ type }) => type !== note))
        : node.copy(withoutNotes(node.content)),
    ),
  );

/**
 * `joint` is whether notes can lie on the words of this letter.
 * @param {{ words: Words, announce: (text: string) => void, joint: boolean }} around
 */
export function pasting({ words, announce, joint }) {
  const sayNoPictures = () => announce(words("no-pictures"));

  return new Plugin({
    props: {
      clipboardTextParser: fromText,
      transformPastedHTML: withoutInline,
      transformPasted(slice) {
        const { content, openStart, openEnd } = cleanSlice(plainSlice(slice));
        return new Slice(joint ? content : withoutNotes(content), openStart, openEnd);
      },
      handlePaste(view, event, slice) {
        const data = event.clipboardData;
        const html = data?.getData("text/html") ?? "";
        if (onlyFiles(data)) {
          sayNoPictures();
          return true;
        }
        if (hasPictures(html)) sayNoPictures();
        if (hasWords(slice)) return false;
        const text = data?.getData("text/plain") ?? "";
        if (html && /\S/.test(text)) return view.pasteText(text, event);
        // Spaces and breaks are something; a picture, or nothing at all, takes no words away.
        return !slice.content.textBetween(0, slice.content.size, "\n", "\n");
      },
      handleDrop: (_view, _event, slice, moved) => !moved && !hasWords(slice),
      handleDOMEvents: {
        // A dropped file would make the browser leave the letter and open it.
        drop(_view, event) {
          if (!event.dataTransfer?.files.length) return false;
          event.preventDefault();
          if (onlyFiles(event.dataTransfer)) sayNoPictures();
          return true;
        },
      },
    },
  });
}
