// When everybody orders at once, the shop may ask to come again in a moment. With a script the form
// does that by itself: it is sent until it is taken, and its ticket makes one order of it, however often.
(() => {
  const form = document.querySelector("form.checkout");
  if (!form || !window.fetch) return;
  const said = form.querySelector("[data-waiting]");
  const button = form.querySelector("button:not([type=button])");
  const LONGEST = 15;

  const tell = (text) => {
    said.textContent = text;
    said.hidden = !text;
  };

  const pause = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));

  // Everybody a little differently, or all would come back at the same moment.
  const wait = async (seconds, times) => {
    const left = Math.min(seconds * 1.3 ** times, LONGEST) * (0.75 + Math.random() / 2);
    tell("Many people are ordering just now. Your order is in line: this page sends it again by itself. Please stay here.");
    await pause(left);
  };

  const show = async (answer) => {
    const page = await answer.text();
    // The page of the order came with the answer: it has its own address, and the form is history.
    if (answer.redirected) history.replaceState(null, "", answer.url);
    document.open();
    document.write(page);
    document.close();
    scrollTo(0, 0);
  };

  const send = async () => {
    const body = new URLSearchParams(new FormData(form));
    for (let times = 0; ; times += 1) {
      let answer;
      try {
        answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin" });
      } catch {
        await wait(2, times);
        continue;
      }
      if (![502, 503, 504].includes(answer.status)) {
        await show(answer);
        return;
      }
      await wait(Number(answer.headers.get("Retry-After")) || 2, times);
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    button.setAttribute("aria-busy", "true");
    send();
  });
  // A browser that goes back finds a form that can be sent.
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    button.removeAttribute("aria-busy");
    tell("");
  });
})();
