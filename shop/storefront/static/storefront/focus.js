// htmx puts a new part in the place of an old one, and a link that is not in the new one takes the
// focus with it. Then the heading of the new part gets it, so that nobody starts again at the top.
document.addEventListener("htmx:afterSettle", (event) => {
  const focused = document.activeElement;
  if (focused && focused !== document.body) return;
  event.target.querySelector("[data-focus]")?.focus({ preventScroll: true });
});
