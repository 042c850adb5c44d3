// The pause is skipped by Escape, too; and a page that is for paper offers to print itself.
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") document.querySelector("[data-escape]")?.click();
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
