// How long a cart still holds something, counted down second by second. Without a script the page
// says until when. The server says how many seconds are left, so a wrong clock here does no harm.
(() => {
  const ends = new WeakMap();

  const clock = (seconds) => {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    const two = (number) => String(number).padStart(2, "0");
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  };

  const count = () => {
    document.querySelectorAll("[data-held-seconds]").forEach((held) => {
      if (!ends.has(held)) ends.set(held, performance.now() + held.dataset.heldSeconds * 1000);
      const left = Math.ceil((ends.get(held) - performance.now()) / 1000);
      const time = held.querySelector("time");
      if (left > 0) {
        time.textContent = clock(left);
        held.querySelector(".held-word").textContent = "for";
      } else {
        held.removeAttribute("data-held-seconds");
        held.classList.replace("warn", "bad");
        held.textContent = held.dataset.over;
      }
    });
  };

  count();
  setInterval(count, 1000);
  // What htmx has just put in does not wait for the next second.
  document.addEventListener("htmx:afterSettle", count);
})();
