// ProseMirror learns of a moved caret a moment after the browser has moved it. An edit from the
// other side, or the next key, that falls into that moment would put the caret back where it was.
/** @param {import("prosemirror-view").EditorView} view */
export function catchUp(view) {
  if (view.hasFocus()) view.dom.ownerDocument.dispatchEvent(new Event("selectionchange"));
}
