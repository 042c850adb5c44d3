// Who is here, as far as they let it be seen.
const WHO = ["one", "two"];

// Presence comes from the other browser: take nothing from it but a name and one of two seats.
export function personOf({ user }) {
  if (!WHO.includes(user?.who) || typeof user.name !== "string") return null;
  return { who: user.who, name: user.name.slice(0, 60) };
}

// `show(person | null)` is called with the other one when they come, and with null when they go.
export function watchOther(awareness, mine, show) {
  let present = null;
  function look() {
    const others = [...awareness.states.values()].map(personOf);
    const other = others.find((person) => person && person.who !== mine) ?? null;
    if (other?.name === present?.name && other?.who === present?.who) return;
    present = other;
    show(other);
  }
  awareness.on("change", look);
  return () => awareness.off("change", look);
}
