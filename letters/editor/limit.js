// How much still fits into the letter: said before it is full, and when something was not put in.
import { Plugin } from "prosemirror-state";

const NEAR = 0.95;

export function limit({ host, words }) {
  const line = host.querySelector("[data-size]");
  const most = Number(host.getAttribute("limit")) || Infinity;
  let refused = false;

  function show({ doc }) {
    const left = most - doc.content.size;
    const word = refused ? "full" : left <= 0 ? "no-room" : left < most * (1 - NEAR) && "little-room";
    line.hidden = !word;
    const text = word ? words(word, { left: (Math.ceil(left / 100) * 100).toLocaleString() }) : "";
    if (line.textContent !== text) line.textContent = text;
  }

  return {
    plugins: [
      new Plugin({
        view(view) {
          host.addEventListener("letter-full", () => ((refused = true), show(view.state)));
          show(view.state);
          return {
            update(view, before) {
              if (before.doc.eq(view.state.doc)) return;
              refused = false;
              show(view.state);
            },
          };
        },
      }),
    ],
  };
}
